export * from "./ringfence.js";
