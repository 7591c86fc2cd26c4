/* A crash in code that the program has generated: no file, no symbols. */
#include <string.h>
#include <sys/mman.h>

static int run(int (*code)(const char *), const char *text) { return code(text) + text[0]; }

int main(void) {
  /* push %rbp; mov %rsp,%rbp; xor %eax,%eax; mov (%rax),%eax; pop %rbp; ret */
  static const unsigned char bytes[] = {0x55, 0x48, 0x89, 0xe5, 0x31, 0xc0, 0x8b, 0x00, 0x5d, 0xc3};
  void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(code, bytes, sizeof bytes);
  return run(code, "a text");
}
