// SPDX-License-Identifier: MIT
//! What all workloads do with actors.

use crate::harness::check;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use thespis::{Actor, Handler, Message, Return, Sink};
use thespis_impl::{Addr, Mailbox, SinkExt};

/// An address, and what is behind it; unbounded without a capacity.
pub fn open<A: Actor>(capacity: Option<usize>) -> (Addr<A>, Mailbox<A>) {
    Addr::builder("").bounded(capacity).build()
}

/// Let the pool run an actor: without the box that its being spawned through a trait would take.
pub fn start<A: Actor + Send>(mailbox: Mailbox<A>, actor: A) {
    tokio::spawn(mailbox.start(actor));
}

/// What a handler returns that has done its work already: nothing is allocated for it.
pub fn done() -> Return<'static, ()> {
    Box::pin(poll_fn(|_| Poll::Ready(())))
}

/// What a handler returns that ends with sending a message: it only is a future if there is no room.
pub fn send<A, M>(address: &mut Addr<A>, message: M) -> Return<'_, ()>
where
    A: Actor + Handler<M>,
    M: Message,
{
    let mut context = Context::from_waker(Waker::noop());
    let mut sink = Pin::new(&mut *address);
    match <Addr<A> as Sink<M>>::poll_ready(sink.as_mut(), &mut context) {
        Poll::Ready(ready) => {
            check!(ready.is_ok() && sink.start_send(message).is_ok());
            done()
        }
        Poll::Pending => Box::pin(async move {
            check!(address.feed(message).await.is_ok());
        }),
    }
}

/// Send a message from a thread that is no worker.
pub fn send_from_main<A, M>(address: &mut Addr<A>, message: M)
where
    A: Actor + Handler<M>,
    M: Message,
{
    check!(futures::executor::block_on(address.feed(message)).is_ok());
}
