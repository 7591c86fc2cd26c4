/* A call of something that is no code: initialised data. */
typedef int callback(int, const char *);

static int not_code[16] = {0x90909090, 1, 2, 3};

static int invoke(callback *function, int times) {
  const char *text = "argument";
  return function(times, text) + times;
}

int main(void) { return invoke((callback *)(void *)not_code, 3); }
