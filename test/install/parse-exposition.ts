import assert from 'node:assert/strict';

/** A family of metrics as a scraper sees it. */
export interface ParsedFamily {
  type: string;
  help: string;
  /** By the labels as they stand there: `{outcome="full"}`, or nothing. */
  samples: Map<string, number>;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
const HELP = new RegExp(`^# HELP (${NAME}) ((?:[^\\\\\\n]|\\\\[\\\\n])+)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge)$`);
const SAMPLE = new RegExp(
  `^(${NAME})(\\{${LABEL}(?:,${LABEL})*\\})? ([+-]?(?:\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?|Inf)|NaN)$`,
);

/**
 * Reads the text format of Prometheus, stricter than Prometheus does: each family is HELP, TYPE and its samples, in this order
 * and in one piece; nothing else is there, and nothing twice.
 *
 * Its own shape is checked as promtool does (`promtool check metrics`): counters end with _total, gauges do not.
 */
export function parseExposition(text: string): Map<string, ParsedFamily> {
  assert.ok(text.endsWith('\n'), 'the last line is not ended');
  const families = new Map<string, ParsedFamily>();
  let name = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const [, helped, help = ''] = HELP.exec(line) ?? [];
    const [, typed, type = ''] = TYPE.exec(line) ?? [];
    const family = families.get(name);
    if (helped !== undefined) {
      assert.ok(family === undefined || family.samples.size > 0, `${name} has no samples`);
      assert.ok(!families.has(helped), `${helped} is there twice`);
      families.set(helped, { type: '', help, samples: new Map() });
      name = helped;
    } else if (typed !== undefined) {
      assert.ok(typed === name && family?.type === '' && family.samples.size === 0, line);
      assert.equal(typed.endsWith('_total'), type === 'counter', line);
      family.type = type;
    } else {
      const [, sampled, labels = '', value = ''] = SAMPLE.exec(line) ?? [];
      assert.ok(sampled === name && family !== undefined && family.type !== '', `not a sample: ${line}`);
      assert.ok(!family.samples.has(labels), `twice: ${line}`);
      const labelNames = [...labels.matchAll(/([a-zA-Z0-9_]+)="(?:[^"\\]|\\.)*"/g)].map(([, label]) => label);
      assert.equal(new Set(labelNames).size, labelNames.length, line);
      family.samples.set(labels, Number(value.replace('Inf', 'Infinity')));
    }
  }
  return families;
}
