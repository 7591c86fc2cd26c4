// Everybody waits for everybody: an error of the runtime itself.
package main

import "sync"

type Queue struct {
	items chan int
	group sync.WaitGroup
}

func (queue *Queue) drain() {
	queue.group.Add(1)
	queue.group.Wait()
}

func main() {
	queue := &Queue{items: make(chan int)}
	queue.drain()
}
