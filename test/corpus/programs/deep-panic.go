// A recursion of 5,000 calls that ends in a panic.
package main

type Node struct {
	name  string
	inner *Node
}

//go:noinline
func descend(node *Node, left int) int {
	if left == 0 {
		panic("too deep at " + node.name)
	}
	own := Node{name: "inner", inner: node}
	return descend(&own, left-1) + len(own.name)
}

func main() {
	outer := Node{name: "outer"}
	println(descend(&outer, 5000))
}
