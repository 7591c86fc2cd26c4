import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amountInBytes, parseAmount } from '../../config/amount.ts';

test('parseAmount() reads bytes, units of 1,024 and shares', () => {
  assert.deepEqual(parseAmount('1048576'), { bytes: 1048576 });
  assert.deepEqual(parseAmount('500M'), { bytes: 500 * 1024 ** 2 });
  assert.deepEqual(parseAmount('1.5 GiB'), { bytes: 1.5 * 1024 ** 3 });
  assert.deepEqual(parseAmount('2TB'), { bytes: 2 * 1024 ** 4 });
  assert.deepEqual(parseAmount('10%'), { percent: 10 });
  assert.equal(amountInBytes(parseAmount('10%'), 5000), 500);
  assert.equal(amountInBytes(parseAmount('7K'), 5000), 7168);
});

test('parseAmount() says what an amount has to be', () => {
  for (const text of ['', 'x', '-1', '101%', '10 %%', '5P', '1e9', '0x10', '10%B', 'M']) {
    assert.throws(() => parseAmount(text), { code: 'E_SETTING' }, text);
  }
});
