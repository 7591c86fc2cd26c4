/* A breakpoint without a debugger. */
static int check(int value) {
  if (value != 3)
    __asm__ volatile("int3");
  return value;
}

int main(int argc, char **argv) { return check(argc); }
