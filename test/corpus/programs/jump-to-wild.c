/* A call to an address where nothing is mapped. */
static int call(int (*function)(int), char *text) { return function(3) + text[0]; }

int main(void) { return call((int (*)(int))0x123456789000, (char *)"a text"); }
