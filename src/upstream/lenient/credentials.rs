//! Taking user names and passwords out of URLs.

/// What may stand before the authority of a URL. Backslashes are what people type; browsers accept them too.
const MARKERS: [&str; 2] = ["://", ":\\\\"];

/// The text with the user information of every URL taken out: `ftp://user:password@host` is `ftp://host`.
///
/// Everything else stays: an `@` in a path or a query, and mail addresses. In doubt rather too much is
/// taken than too little: where a "port" is no number it was part of a password that holds a `/`, `#`, `?` or a
/// space, and everything up to the last `@` of the URL goes.
#[must_use]
pub fn without_credentials(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = authority_start(rest) {
        let (before, url) = rest.split_at(start);
        clean.push_str(before);
        rest = &url[userinfo_length(url)..];
    }
    clean.push_str(rest);
    clean
}

/// Where the first URL's authority begins.
fn authority_start(text: &str) -> Option<usize> {
    MARKERS
        .iter()
        .filter_map(|marker| Some(text.find(marker)? + marker.len()))
        .min()
}

/// How much of a URL (without its scheme) is user information, the `@` included.
fn userinfo_length(url: &str) -> usize {
    // A second URL may follow without a space between them; its `@` is its own affair.
    let url = authority_start(url).map_or(url, |next| &url[..next]);
    let authority = until(url, |c| {
        matches!(c, '/' | '\\' | '?' | '#') || ends_token(c)
    });
    if let Some(at) = authority.rfind('@') {
        return at + 1;
    }
    if !has_odd_port(authority) {
        return 0;
    }
    let token = until(url, ends_token);
    let line = until(url, |c| matches!(c, '\n' | '\r'));
    token
        .rfind('@')
        .or_else(|| line.find('@'))
        .map_or(0, |at| at + 1)
}

/// Whether what follows the colon cannot be a port: then it is the beginning of a password.
fn has_odd_port(authority: &str) -> bool {
    !authority.starts_with('[')
        && authority
            .split_once(':')
            .is_some_and(|(_, port)| !port.bytes().all(|byte| byte.is_ascii_digit()))
}

fn ends_token(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '<' | '>')
}

fn until(text: &str, end: impl Fn(char) -> bool) -> &str {
    text.split(end).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::without_credentials;

    #[track_caller]
    fn assert_cleaned(text: &str, expected: &str) {
        assert_eq!(without_credentials(text), expected, "from {text:?}");
    }

    #[track_caller]
    fn assert_untouched(text: &str) {
        assert_cleaned(text, text);
    }

    #[test]
    fn user_and_password_are_taken_out_of_a_url() {
        assert_cleaned("ftp://user:password@host", "ftp://host");
        assert_cleaned(
            "sftp://user:password@host:22/in?a=b#c",
            "sftp://host:22/in?a=b#c",
        );
        assert_cleaned("FTP://u:p@h.example/x", "FTP://h.example/x");
    }

    #[test]
    fn a_user_without_a_password_and_a_password_without_a_user_are_taken_out() {
        assert_cleaned("ftp://user@host/in", "ftp://host/in");
        assert_cleaned("ftp://:password@host/in", "ftp://host/in");
        assert_cleaned("ftp://user:@host/in", "ftp://host/in");
        assert_cleaned("ftp://@host/in", "ftp://host/in");
    }

    #[test]
    fn every_url_of_a_text_is_cleaned() {
        assert_cleaned(
            "first ftp://a:b@one.example/x, then https://c:d@two.example and http://three.example/",
            "first ftp://one.example/x, then https://two.example and http://three.example/",
        );
    }

    #[test]
    fn urls_that_follow_each_other_without_a_space_are_cleaned() {
        assert_cleaned("ftp://a:b@one;ftp://c:d@two", "ftp://one;ftp://two");
        assert_cleaned("ftp://a:b@one/x,ftp://c:d@two/y", "ftp://one/x,ftp://two/y");
        assert_cleaned("ftp://one,ftp://c:d@two/y", "ftp://one,ftp://two/y");
        assert_cleaned("ftp://a:b@one\nftp://c:d@two", "ftp://one\nftp://two");
    }

    #[test]
    fn an_at_sign_in_a_path_or_a_query_is_left_alone() {
        assert_untouched("https://host.example/packages/@scope/name@1.2");
        assert_untouched("https://host.example:8443/a@b");
        assert_untouched("https://host.example?mail=a@b.example");
        assert_untouched("https://host.example#a@b");
        assert_untouched("https://[::1]/a@b");
        assert_untouched("https://[::1]:8080/a@b");
        assert_cleaned("https://u:p@host/a@b", "https://host/a@b");
    }

    #[test]
    fn an_at_sign_inside_the_password_does_not_end_it() {
        assert_cleaned("ftp://user:p@ss@host/in", "ftp://host/in");
    }

    #[test]
    fn a_password_with_url_punctuation_or_a_space_is_taken_out() {
        assert_cleaned("ftp://user:pa/ss@host/in", "ftp://host/in");
        assert_cleaned("ftp://user:pa?ss@host/in", "ftp://host/in");
        assert_cleaned("ftp://user:pa#ss@host/in", "ftp://host/in");
        assert_cleaned("ftp://user:pa ss@host/in", "ftp://host/in");
        assert_cleaned("ftp://user:pä/ß@host/in", "ftp://host/in");
    }

    #[test]
    fn a_host_in_brackets_keeps_its_brackets() {
        assert_cleaned("ftp://u:p@[::1]:21/in", "ftp://[::1]:21/in");
    }

    #[test]
    fn a_url_in_quotes_or_angle_brackets_is_cleaned() {
        assert_cleaned("see <ftp://u:p@host> now", "see <ftp://host> now");
        assert_cleaned("see \"ftp://u:p@host\" now", "see \"ftp://host\" now");
    }

    #[test]
    fn a_url_with_backslashes_is_cleaned() {
        assert_cleaned("ftp:\\\\u:p@host\\in", "ftp:\\\\host\\in");
    }

    #[test]
    fn mail_addresses_and_plain_words_are_left_alone() {
        assert_untouched("write to feeds@example.com or mailto:desk@example.com");
        assert_untouched("https://docs.example.com/layout, questions to feeds@example.com");
        assert_untouched("* 15 6 * * 1");
        assert_untouched("");
        assert_untouched("://");
        assert_untouched("Straße @ Ecke");
    }

    #[test]
    fn a_cleaned_text_stays_as_it_is() {
        for text in [
            "ftp://a:b@one;ftp://c:d@two",
            "ftp://user:pa ss@host/in",
            "ftp://u:p@[::1]:21/in x@y",
        ] {
            assert_untouched(&without_credentials(text));
        }
    }
}
