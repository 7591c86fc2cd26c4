// An index past the end of a slice, in a closure of an iterator.
struct Grid {
    width: usize,
    cells: Vec<u8>,
}

trait Look {
    fn at(&self, x: usize, y: usize) -> u8;
}

impl Look for Grid {
    fn at(&self, x: usize, y: usize) -> u8 {
        self.cells[y * self.width + x]
    }
}

fn column(grid: &dyn Look, x: usize, height: usize) -> u32 {
    (0..height).map(|y| grid.at(x, y) as u32).sum()
}

fn main() {
    let grid = Grid { width: 4, cells: vec![1; 12] };
    println!("{}", column(&grid, 1, 4));
}
