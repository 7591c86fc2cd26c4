// A panic in a method, on a value that is not there; with panic=abort.
use std::collections::HashMap;

#[derive(Debug)]
struct Account {
    owner: String,
    balance: i64,
}

struct Bank {
    accounts: HashMap<String, Account>,
}

impl Bank {
    fn withdraw(&mut self, owner: &str, amount: i64) -> i64 {
        let account = self.accounts.get_mut(owner).unwrap();
        account.balance -= amount;
        account.balance
    }
}

fn main() {
    let mut bank = Bank { accounts: HashMap::new() };
    let owner = String::from("Ada");
    bank.accounts.insert(owner.clone(), Account { owner, balance: 100 });
    println!("{}", bank.withdraw("Ada", 10));
    println!("{}", bank.withdraw("Grace", 10));
    println!("{:?}", bank.accounts["Ada"].owner);
}
