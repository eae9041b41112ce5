export * from './ringfence.js';
