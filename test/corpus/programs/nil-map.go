// A write to a map that was never made: a panic that the runtime turns into an abort.
package main

import "os"

type Inventory struct {
	Name  string
	Stock map[string]int
}

func (inventory *Inventory) Add(article string, count int) {
	inventory.Stock[article] += count
}

func main() {
	inventory := &Inventory{Name: "the inventory"}
	inventory.Add(os.Args[0], 3)
}
