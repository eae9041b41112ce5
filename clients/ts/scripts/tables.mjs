// What the renderer does not write: errors with their names, and the events.

const HEADER = '/**\n * Written by scripts/generate.mjs from idl/ringfence.json. Do not edit.\n */\n';

/** The program's errors as data, with the messages that they log. */
export function errorTable(idl) {
  const rows = idl.errors.map(
    ({ code, name, msg }) => `  { code: ${code}, name: ${JSON.stringify(name)}, message: ${JSON.stringify(msg)} },\n`,
  );
  return `${HEADER}
/** Every error of the program: its number, its name, and what it tells the user to do. */
export const RINGFENCE_ERRORS = [
${rows.join('')}] as const;

/** The name of an error of the program. */
export type RingfenceErrorName = (typeof RINGFENCE_ERRORS)[number]["name"];
`;
}

/** The program's events: a union by name, and what each starts with. */
export function eventTable(idl) {
  const names = idl.events.map(({ name }) => name);
  const rows = idl.events.map(
    ({ name, discriminator }) =>
      `  { name: ${JSON.stringify(name)}, discriminator: [${discriminator.join(', ')}], decoder: get${name}Decoder },\n`,
  );
  return `${HEADER}
import {
${names.map((name) => `  get${name}Decoder,\n`).join('')}${names.map((name) => `  type ${name},\n`).join('')}} from "../types";

/** An event of the program, told apart by its name. */
export type RingfenceEvent =
${names.map((name) => `  | { name: "${name}"; data: ${name} }`).join('\n')};

/** The name of an event of the program. */
export type RingfenceEventName = RingfenceEvent["name"];

/** Every event: its name, the eight bytes that it starts with, and what reads the rest. */
export const RINGFENCE_EVENTS = [
${rows.join('')}] as const;
`;
}
