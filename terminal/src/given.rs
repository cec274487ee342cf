//! A future that has its output already.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

/// As [`core::future::Ready`], without its panic: polled again it waits, which nobody does.
#[derive(Debug)]
pub(crate) struct Given<T>(Option<T>);

/// The future of an output that is there.
pub(crate) const fn given<T>(output: T) -> Given<T> {
    Given(Some(output))
}

impl<T> Unpin for Given<T> {}

impl<T> Future for Given<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
        self.get_mut().0.take().map_or(Poll::Pending, Poll::Ready)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::pin::pin;
    use core::task::Waker;

    #[test]
    fn the_output_comes_once() {
        let mut future = pin!(given(7));
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(future.as_mut().poll(&mut context), Poll::Ready(7));
        assert_eq!(future.as_mut().poll(&mut context), Poll::Pending);
    }
}
