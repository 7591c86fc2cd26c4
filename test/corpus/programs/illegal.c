/* Code that the compiler holds to be out of reach. */
enum colour { RED, GREEN };

static const char *name_of(enum colour colour) {
  switch (colour) {
  case RED:
    return "red";
  case GREEN:
    return "green";
  }
  __builtin_trap();
}

int main(int argc, char **argv) { return name_of((enum colour)(argc + 4))[0]; }
