// Collections, enums, boxes and trait objects as locals of a function that reads through a null pointer.
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;

#[derive(Clone)]
enum Shape {
    Circle { radius: f64 },
    Named(String, Box<Shape>),
    Nothing,
}

trait Area {
    fn area(&self) -> f64;
}

impl Area for Shape {
    fn area(&self) -> f64 {
        match self {
            Shape::Circle { radius } => radius * radius * 3.14,
            Shape::Named(_, shape) => shape.area(),
            Shape::Nothing => unsafe { *std::ptr::null::<f64>().wrapping_add(1) },
        }
    }
}

fn total(shapes: &[Box<dyn Area>], names: &HashMap<String, Vec<Shape>>, order: Option<&BTreeMap<u32, String>>) -> f64 {
    let queue: VecDeque<i32> = (0..10).collect();
    let shared = Rc::new(RefCell::new(vec![String::from("one"), String::from("two")]));
    let second = Rc::clone(&shared);
    let tuple = (1u8, "a str", Some(2.5f32));
    let result: Result<u32, String> = Err(String::from("an error text"));
    let mut sum = queue.len() as f64 + names.len() as f64 + order.map_or(0.0, |map| map.len() as f64);
    sum += second.borrow().len() as f64 + tuple.0 as f64 + result.is_err() as u8 as f64;
    for shape in shapes {
        sum += shape.area();
    }
    sum
}

fn main() {
    let named = Shape::Named(String::from("a circle"), Box::new(Shape::Circle { radius: 2.0 }));
    let mut names = HashMap::new();
    for i in 0..20 {
        names.insert(format!("key {}", i), vec![named.clone(), Shape::Nothing]);
    }
    let mut order = BTreeMap::new();
    for i in 0..50 {
        order.insert(i, format!("entry {}", i));
    }
    let shapes: Vec<Box<dyn Area>> = vec![Box::new(named), Box::new(Shape::Nothing)];
    println!("{}", total(&shapes, &names, Some(&order)));
}
