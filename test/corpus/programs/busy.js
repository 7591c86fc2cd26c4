// Aborts within a function that the compiler has made machine code of.
function mix(values, depth) {
  let sum = 0;
  for (const value of values) sum = (sum * 31 + value) | 0;
  if (depth === 100000) process.abort();
  return sum;
}

function run() {
  const values = Array.from({ length: 50 }, (_, index) => index);
  let total = 0;
  for (let depth = 0; depth <= 100000; depth += 1) total += mix(values, depth);
  return total;
}

console.log(run());
