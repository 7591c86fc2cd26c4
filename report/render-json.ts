import { z } from 'zod';
import { type Record as CrashRecord, recordSchema } from './record.ts';

/**
 * The JSON report: one JSON object, keys in the order of the schema, ended by one newline.
 *
 * A line holds one field of the record, or one element where a field is a list. So grep, diff and an editor can work on
 * it, while it stays within a few per cent of the compact form (indented it would be a third larger, and compact one
 * line of hundreds of kilobytes).
 */
export function renderJson(record: CrashRecord): string {
  const ordered = Object.entries(recordSchema.shape).flatMap(([key, schema]) => {
    const value: unknown = record[key as keyof CrashRecord]; // The shape's keys are the record's.
    return value === undefined ? [] : [`${JSON.stringify(key)}:${fieldText(inOrder(schema, value))}`];
  });
  return `{\n${ordered.join(',\n')}\n}\n`;
}

function fieldText(value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return JSON.stringify(value);
  return `[\n${value.map((element) => ` ${JSON.stringify(element)}`).join(',\n')}\n]`;
}

/** The value with every object's keys in the schema's order; what the schema does not know comes last. */
function inOrder(schema: unknown, value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  const inner = unwrapped(schema);
  if (Array.isArray(value)) {
    return inner instanceof z.ZodArray ? value.map((element) => inOrder(inner.element, element)) : value;
  }
  if (!(inner instanceof z.ZodObject)) return value;
  const { shape } = inner;
  const ordered: { [key: string]: unknown } = {};
  const fields = value as { [key: string]: unknown }; // It is an object, and only its own keys are read.
  for (const key of Object.keys(shape)) {
    if (Object.hasOwn(fields, key)) ordered[key] = inOrder(shape[key], fields[key]);
  }
  const unknown = Object.entries(fields).filter(([key]) => !Object.hasOwn(shape, key));
  return unknown.length === 0 ? ordered : { ...ordered, ...Object.fromEntries(unknown) };
}

function unwrapped(schema: unknown): unknown {
  let inner = schema;
  while (inner instanceof z.ZodNullable || inner instanceof z.ZodOptional) inner = inner.unwrap();
  return inner;
}
