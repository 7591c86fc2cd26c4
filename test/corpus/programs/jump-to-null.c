/* A call through a pointer that was never set. */
struct driver {
  const char *name;
  int (*open)(struct driver *, int);
};

static int open_driver(struct driver *driver, int mode) { return driver->open(driver, mode) + mode; }

int main(void) {
  struct driver driver = {"the driver", 0};
  return open_driver(&driver, 7);
}
