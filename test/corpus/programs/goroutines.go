// Goroutines that wait for a channel and a lock while one panics with an error of its own.
package main

import (
	"fmt"
	"sync"
	"time"
)

type RefusedError struct {
	Host string
	Port int
}

func (err *RefusedError) Error() string { return fmt.Sprintf("%s:%d refused", err.Host, err.Port) }

func connect(host string, port int) {
	panic(&RefusedError{host, port})
}

func main() {
	var lock sync.Mutex
	channel := make(chan string)
	lock.Lock()
	for i := 0; i < 20; i++ {
		go func(number int) { channel <- fmt.Sprint(number) }(i)
		go func() { lock.Lock(); defer lock.Unlock() }()
	}
	time.Sleep(20 * time.Millisecond)
	go connect("host.example", 443)
	time.Sleep(time.Minute)
}
