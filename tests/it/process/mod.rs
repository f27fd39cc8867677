//! The executable as it is run: started as a process of its own, asked over HTTP, killed, restarted on the same data.
//!
//! [`product`] starts and ends processes, [`client`] speaks to them, [`mailbox`] is the mail server they hand letters to.
//! [`killed`] proves that kill -9 loses nothing and sends nothing twice; [`commands`] what each command says and refuses;
//! [`demo`] the tour of the README; [`heralds`] who is believed when it tells what became of letters; [`attacks`] what
//! the transport's own tests cannot reach. What can be proven without a process belongs to `stories`.

mod attacks;
mod client;
mod commands;
mod demo;
mod heralds;
mod killed;
mod mailbox;
mod product;
mod signals;
mod stand_ins;
