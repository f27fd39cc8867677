//! Who holds how many of the open sockets and streams, so that one caller cannot take them all.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Counts by holder.
pub(crate) struct Seats {
    most: usize,
    taken: Mutex<HashMap<Arc<str>, usize>>,
}

/// One connection of one holder; counted until it is dropped.
pub(crate) struct Seat {
    seats: Arc<Seats>,
    holder: Option<Arc<str>>,
}

impl Seats {
    /// Seats for any number of holders, `most` for each.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, taken: Mutex::default() }
    }

    /// A seat for a holder, unless it has all that it may have. Nobody in particular always gets one.
    pub(crate) fn take(self: &Arc<Self>, holder: Option<&Arc<str>>) -> Option<Seat> {
        if let Some(holder) = holder {
            let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
            let count = taken.get(holder).copied().unwrap_or_default();
            if count >= self.most {
                return None;
            }
            taken.insert(Arc::clone(holder), count + 1);
        }
        Some(Seat { seats: Arc::clone(self), holder: holder.cloned() })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some(holder) = &self.holder else { return };
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.get_mut(holder) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                taken.remove(holder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_has_so_many_and_another_one_its_own() {
        let seats = Arc::new(Seats::new(2));
        let (ann, ben): (Arc<str>, Arc<str>) = ("ann".into(), "ben".into());
        let first = seats.take(Some(&ann));
        let second = seats.take(Some(&ann));
        assert!(first.is_some() && second.is_some() && seats.take(Some(&ann)).is_none());
        assert!(seats.take(Some(&ben)).is_some());
        drop(first);
        assert!(seats.take(Some(&ann)).is_some());
    }

    #[test]
    fn who_left_is_forgotten_and_nobody_is_not_counted() {
        let seats = Arc::new(Seats::new(1));
        let ann: Arc<str> = "ann".into();
        drop(seats.take(Some(&ann)));
        let anybody = [seats.take(None), seats.take(None)];
        assert!(anybody.iter().all(Option::is_some));
        drop(anybody);
        assert!(seats.taken.lock().is_ok_and(|taken| taken.is_empty()));
    }
}
