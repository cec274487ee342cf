//! Writes BER-TLV into a caller's buffer.

use crate::tag::Tag;

/// The buffer is too small; nothing of the object was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// Appends data objects to a caller's buffer, with the shortest length coding. [B3 B2]
#[derive(Debug)]
pub struct Writer<'b> {
    out: &'b mut [u8],
    written: usize,
}

impl<'b> Writer<'b> {
    /// Starts at the beginning of `out`.
    pub const fn new(out: &'b mut [u8]) -> Self {
        Self { out, written: 0 }
    }

    /// What has been written so far.
    pub fn written(&self) -> &[u8] {
        self.out.get(..self.written).unwrap_or(&[])
    }

    /// Ends writing; gives the written part of the buffer.
    pub fn finish(self) -> &'b mut [u8] {
        self.out.get_mut(..self.written).unwrap_or(&mut [])
    }

    /// Appends one object.
    ///
    /// # Errors
    /// [`Full`] when it does not fit.
    pub fn put(&mut self, tag: Tag, value: &[u8]) -> Result<(), Full> {
        let start = self.written;
        let done = self.header(tag, value.len()).and_then(|()| self.bytes(value));
        if done.is_err() {
            self.written = start;
        }
        done
    }

    /// Appends a constructed object whose content `content` writes.
    ///
    /// # Errors
    /// [`Full`] when it does not fit, or what `content` returns.
    pub fn nest(
        &mut self,
        tag: Tag,
        content: impl FnOnce(&mut Self) -> Result<(), Full>,
    ) -> Result<(), Full> {
        let start = self.written;
        let done = content(self).and_then(|()| self.wrap(tag, start));
        if done.is_err() {
            self.written = start;
        }
        done
    }

    /// Appends bytes as they are: an object that is already coded.
    ///
    /// # Errors
    /// [`Full`] when they do not fit.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Full> {
        let end = self.written.checked_add(bytes.len()).ok_or(Full)?;
        self.out.get_mut(self.written..end).ok_or(Full)?.copy_from_slice(bytes);
        self.written = end;
        Ok(())
    }

    /// Puts tag and length in front of what was written since `start`.
    fn wrap(&mut self, tag: Tag, start: usize) -> Result<(), Full> {
        let end = self.written;
        self.header(tag, end - start)?;
        let header = self.written - end;
        self.out.get_mut(start..self.written).ok_or(Full)?.rotate_right(header);
        Ok(())
    }

    fn header(&mut self, tag: Tag, length: usize) -> Result<(), Full> {
        let bytes = tag.to_be_bytes();
        self.bytes(bytes.get(bytes.len() - tag.len()..).unwrap_or(&bytes))?;
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(short @ ..=0x7F), _) => self.bytes(&[short]),
            (Ok(one), _) => self.bytes(&[0x81, one]),
            (_, Ok(two)) => {
                let [high, low] = two.to_be_bytes();
                self.bytes(&[0x82, high, low])
            }
            _ => Err(Full),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [B3 B2]
    #[test]
    fn nests_and_chooses_the_shortest_length() {
        let mut out = [0; 300];
        let mut writer = Writer::new(&mut out);
        writer
            .nest(Tag(0x70), |w| {
                w.put(Tag(0x5A), &[1])?;
                w.nest(Tag(0xA5), |w| w.put(Tag(0x9F02), &[0; 127]))
            })
            .unwrap();
        let written = writer.finish();
        assert_eq!(written[..9], [0x70, 0x81, 0x88, 0x5A, 1, 1, 0xA5, 0x81, 0x82]);
        assert_eq!(written[9..12], [0x9F, 0x02, 0x7F]);
    }

    #[test]
    fn leaves_no_half_object_behind() {
        let mut out = [0; 6];
        let mut writer = Writer::new(&mut out);
        writer.put(Tag(0x9A), &[1]).unwrap();
        assert_eq!(writer.put(Tag(0x9C), &[0; 2]), Err(Full));
        assert_eq!(writer.nest(Tag(0x70), |w| w.put(Tag(0x9C), &[0])), Err(Full));
        assert_eq!(writer.nest(Tag(0x70), |_| Err(Full)), Err(Full));
        assert_eq!(writer.written(), [0x9A, 1, 1]);
        writer.put(Tag(0x9C), &[9]).unwrap();
        assert_eq!(writer.written(), [0x9A, 1, 1, 0x9C, 1, 9]);
    }
}
