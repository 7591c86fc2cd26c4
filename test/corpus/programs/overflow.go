// A recursion without an end, on a goroutine's stack that the runtime lets grow to 16 MiB.
package main

import "runtime/debug"

//go:noinline
func walk(depth int, path string) int {
	return walk(depth+1, path) + len(path)
}

func main() {
	debug.SetMaxStack(16 << 20)
	walk(0, "the path")
}
