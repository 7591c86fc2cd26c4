import assert from 'node:assert/strict';
import test from 'node:test';
import { PAGE_BYTES, PageCache } from '../../capture/page-cache.ts';

/** 80 MiB; the last of them cannot be read. */
const PAGES = 20_000;

test('a PageCache holds no more than 40 MiB at a time, and what it has let go is read again', () => {
  const pages = new PageCache((target, at, { address, bytes }) => {
    let done = 0;
    for (; done < bytes; done += PAGE_BYTES) {
      const number = (address + done) / PAGE_BYTES;
      if (number >= PAGES) break;
      target.fill(0, at + done, at + done + PAGE_BYTES);
      target.writeUInt32LE(number, at + done);
    }
    return done;
  });
  const buffers = new Set<Buffer>();
  const look = (number: number) => {
    const page = pages.page(number) ?? assert.fail(`no page ${number}`);
    buffers.add(page.bytes);
    assert.equal(page.words[page.wordAt], number);
    assert.equal(page.bytes.readUInt32LE(page.at), number);
  };
  pages.load(0, PAGES);
  for (let number = 0; number < PAGES; number += 7) look(number);
  pages.loadEach(Array.from({ length: PAGES }, (_, index) => PAGES - 1 - index));
  for (let number = PAGES - 1; number >= 0; number -= 11) look(number);
  assert.equal(pages.page(PAGES), null);
  const held = Array.from(buffers, ({ length }) => length).reduce((sum, length) => sum + length, 0);
  assert.ok(held <= 40 * 1024 * 1024, `${held} bytes`);
  pages.release();
  look(5);
});
