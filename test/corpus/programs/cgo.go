// A crash in C that Go has called.
package main

/*
#include <string.h>
struct point { int x, y; const char *label; };
static int read_point(const struct point *point, int times) {
  char copy[32];
  strcpy(copy, "within C");
  return point->x * times + copy[0];
}
*/
import "C"

func measure(times int) int {
	return int(C.read_point(nil, C.int(times)))
}

func main() {
	println(measure(3))
}
