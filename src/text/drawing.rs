//! A line that is edited on a screen, drawn from where it begins: behind a prompt of somebody else's.

use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

/// Where a line is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Drawing {
    /// The column it begins in, from 0.
    pub begins: usize,
    /// How wide the screen is.
    pub columns: usize,
    /// In which of its rows the cursor stands.
    row: usize,
    /// Rows it has.
    rows: usize,
}

impl Drawing {
    /// A line that begins in that column.
    #[must_use]
    pub fn at(begins: usize, columns: usize) -> Drawing {
        Drawing { begins, columns: columns.max(2), row: 0, rows: 0 }
    }

    /// In which row of the line the cursor stands, from 0.
    #[must_use]
    pub fn row(&self) -> usize {
        self.row
    }

    /// What shows `before`, the cursor, `behind`, and `below` in rows of its own, in the place of what was shown. All are escaped.
    pub fn show(&mut self, before: &str, behind: &str, below: &[String]) -> String {
        let mut out = String::from("\x1b[?25l");
        up(&mut out, self.row);
        column(&mut out, self.begins);
        out.push_str("\x1b[J");
        let cursor = self.walk((0, self.begins), before);
        let end = self.walk(cursor, behind);
        let _ = write!(out, "{before}{behind}");
        // Behind a full row a terminal waits for the next letter before it goes on to the next.
        if end.1 == 0 && end.0 > 0 {
            out.push_str(" \r\x1b[K");
        }
        for row in below {
            let _ = write!(out, "\r\n{row}");
        }
        up(&mut out, end.0 + below.len() - cursor.0);
        column(&mut out, cursor.1);
        out.push_str("\x1b[?25h");
        (self.row, self.rows) = (cursor.0, end.0);
        out
    }

    /// What puts the cursor behind the line, where what comes next may be written.
    #[must_use]
    pub fn leave(&self) -> String {
        let mut out = String::new();
        if self.rows > self.row {
            let _ = write!(out, "\x1b[{}B", self.rows - self.row);
        }
        out.push_str("\r\n");
        out
    }

    /// Row and column behind `text`.
    fn walk(&self, (mut row, mut column): (usize, usize), text: &str) -> (usize, usize) {
        for letter in text.chars() {
            let width = letter.width().unwrap_or(0);
            // A wide letter that has no room stands in the next row.
            if column + width > self.columns {
                (row, column) = (row + 1, 0);
            }
            column += width;
            if column >= self.columns {
                (row, column) = (row + 1, 0);
            }
        }
        (row, column)
    }
}

fn up(out: &mut String, rows: usize) {
    if rows > 0 {
        let _ = write!(out, "\x1b[{rows}A");
    }
}

fn column(out: &mut String, column: usize) {
    out.push('\r');
    if column > 0 {
        let _ = write!(out, "\x1b[{column}C");
    }
}

/// Columns that `text` takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.chars().map(|letter| letter.width().unwrap_or(0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The screen after each line, before and behind the cursor, was shown behind the prompt.
    fn screen(prompt: &str, shown: &[(&str, &str, &[&str])]) -> (vt100::Parser, Drawing) {
        let mut parser = vt100::Parser::new(6, 20, 0);
        parser.process(prompt.as_bytes());
        let mut drawing = Drawing::at(usize::from(parser.screen().cursor_position().1), 20);
        for (before, behind, below) in shown {
            let below: Vec<String> = below.iter().map(|row| (*row).to_owned()).collect();
            parser.process(drawing.show(before, behind, &below).as_bytes());
        }
        (parser, drawing)
    }

    #[test]
    fn what_is_shown_is_the_line_and_the_cursor_in_it() {
        for (shown, contents, cursor) in [
            (&[("echo", " hi", &[][..])][..], "$ echo hi", (0, 6)),
            (&[("0123456789abcdefgh", "", &[])], "$ 0123456789abcdefgh\n", (1, 0)),
            (&[("0123456789abcdefghij", "k", &[])], "$ 0123456789abcdefghijk", (1, 2)),
            (&[("0123456789abcdefghij", "k", &[]), ("01", "23", &[])], "$ 0123", (0, 4)),
            (&[("ls ", "", &["a  b", "c"]), ("ls a", "", &[])], "$ ls a", (0, 6)),
            (&[("ls ", "", &["a  b", "c"])], "$ ls \na  b\nc", (0, 5)),
            (&[("0123456789abcdefg", "", &[]), ("0123456789abcdefg世", "x", &[])], "$ 0123456789abcdefg\n世x", (1, 2)),
        ] {
            let (parser, _) = screen("$ ", shown);
            assert_eq!(parser.screen().contents().trim_end(), contents.trim_end(), "{shown:?}");
            assert_eq!(parser.screen().cursor_position(), cursor, "{shown:?}");
        }
    }

    #[test]
    fn at_the_bottom_the_screen_goes_up_with_the_line() {
        let long = "0123456789".repeat(7);
        let (mut parser, drawing) =
            screen("\r\n\r\n\r\n\r\n\r\n$ ", &[(&long, "", &[]), ("", &long, &[]), ("x", "y", &[])]);
        assert_eq!(parser.screen().contents().trim(), "$ xy");
        parser.process(drawing.leave().as_bytes());
        parser.process(b"out");
        assert_eq!(parser.screen().contents().trim(), "$ xy\nout");
    }
}
