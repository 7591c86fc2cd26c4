// Named threads that wait on a channel, a mutex and a sleep, while one of them aborts.
use std::sync::{mpsc, Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

struct Worker {
    name: String,
    done: u32,
}

fn work(worker: &mut Worker, lock: &Mutex<Vec<String>>) {
    worker.done += 1;
    let mut lines = lock.lock().unwrap();
    lines.push(worker.name.clone());
}

fn main() {
    let lock = Arc::new(Mutex::new(vec![String::from("first line")]));
    let (_sender, receiver) = mpsc::channel::<u32>();
    let start = Arc::new(Barrier::new(4));
    let held = lock.lock().unwrap();
    let spawn = |name: &str, body: Box<dyn FnOnce() + Send>| {
        let start = Arc::clone(&start);
        thread::Builder::new().name(name.to_string()).spawn(move || { start.wait(); body() }).unwrap()
    };
    let shared = Arc::clone(&lock);
    spawn("blocked", Box::new(move || work(&mut Worker { name: String::from("blocked worker"), done: 0 }, &shared)));
    spawn("receiving", Box::new(move || println!("{:?}", receiver.recv())));
    let last = spawn("aborting", Box::new(|| { thread::sleep(Duration::from_millis(30)); std::process::abort() }));
    start.wait();
    last.join().unwrap();
    drop(held);
}
