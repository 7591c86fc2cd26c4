// A read through nil: a signal that the runtime turns into a panic, and that into an abort.
package main

import "fmt"

type Node struct {
	Value int
	Next  *Node
}

//go:noinline
func sum(node *Node, depth int) int {
	label := fmt.Sprintf("depth %d", depth)
	if depth == 3 {
		return node.Next.Next.Value + len(label)
	}
	return sum(node, depth+1) + len(label)
}

func main() {
	list := &Node{Value: 1, Next: &Node{Value: 2}}
	fmt.Println(sum(list, 0))
}
