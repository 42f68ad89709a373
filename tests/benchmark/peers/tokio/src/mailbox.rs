// SPDX-License-Identifier: MIT
//! Mailboxes, unbounded and bounded, as one kind of thing: workloads are written once.

use crate::harness::check;
use std::future::Future;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

/// A choice between mailboxes.
pub trait Kind: 'static {
    type Address<M: Send + 'static>: Address<M>;
    type Mailbox<M: Send + 'static>: Mailbox<M>;
    const BOUNDED: bool;

    fn open<M: Send + 'static>(capacity: usize) -> (Self::Address<M>, Self::Mailbox<M>);
}

pub trait Address<M>: Clone + Send + Sync + 'static {
    /// Send a message; waits for room.
    fn send(&self, message: M) -> impl Future<Output = ()> + Send;

    /// The same from a thread that is no worker.
    fn send_from_main(&self, message: M);
}

pub trait Mailbox<M>: Send + 'static {
    fn next(&mut self) -> impl Future<Output = Option<M>> + Send;

    /// All messages that are there, up to a limit; waits for the first of them.
    fn next_batch(
        &mut self,
        batch: &mut Vec<M>,
        limit: usize,
    ) -> impl Future<Output = usize> + Send;
}

pub struct Unbounded;

impl Kind for Unbounded {
    type Address<M: Send + 'static> = mpsc::UnboundedSender<M>;
    type Mailbox<M: Send + 'static> = mpsc::UnboundedReceiver<M>;
    const BOUNDED: bool = false;

    fn open<M: Send + 'static>(_: usize) -> (Self::Address<M>, Self::Mailbox<M>) {
        mpsc::unbounded_channel()
    }
}

impl<M: Send + 'static> Address<M> for mpsc::UnboundedSender<M> {
    async fn send(&self, message: M) {
        check!(self.send(message).is_ok());
    }

    fn send_from_main(&self, message: M) {
        check!(self.send(message).is_ok());
    }
}

impl<M: Send + 'static> Mailbox<M> for mpsc::UnboundedReceiver<M> {
    async fn next(&mut self) -> Option<M> {
        self.recv().await
    }

    async fn next_batch(&mut self, batch: &mut Vec<M>, limit: usize) -> usize {
        self.recv_many(batch, limit).await
    }
}

pub struct Bounded;

impl Kind for Bounded {
    type Address<M: Send + 'static> = mpsc::Sender<M>;
    type Mailbox<M: Send + 'static> = mpsc::Receiver<M>;
    const BOUNDED: bool = true;

    fn open<M: Send + 'static>(capacity: usize) -> (Self::Address<M>, Self::Mailbox<M>) {
        mpsc::channel(capacity)
    }
}

impl<M: Send + 'static> Address<M> for mpsc::Sender<M> {
    // Trying first is a third faster while there is room. Whoever waits already is not overtaken.
    async fn send(&self, message: M) {
        match self.try_send(message) {
            Ok(()) => (),
            Err(TrySendError::Full(message)) => check!(self.send(message).await.is_ok()),
            Err(TrySendError::Closed(_)) => check!(!self.is_closed()),
        }
    }

    fn send_from_main(&self, message: M) {
        check!(self.blocking_send(message).is_ok());
    }
}

impl<M: Send + 'static> Mailbox<M> for mpsc::Receiver<M> {
    async fn next(&mut self) -> Option<M> {
        self.recv().await
    }

    async fn next_batch(&mut self, batch: &mut Vec<M>, limit: usize) -> usize {
        self.recv_many(batch, limit).await
    }
}

/// Run an actor whose life is a loop over its mailbox. One that has to wait for room or for
/// messages anyway need not be made to yield as well.
pub fn start<K: Kind, F>(actor: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    if K::BOUNDED {
        tokio::spawn(tokio::task::unconstrained(actor))
    } else {
        tokio::spawn(actor)
    }
}
