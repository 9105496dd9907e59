//! Bodies in fewer bytes, for clients that can read them so.

use std::io::Write;

use axum::body::Bytes;
use flate2::write::GzEncoder;
use http::{
    HeaderMap, HeaderName,
    header::{ACCEPT_ENCODING, HeaderValue},
};

/// How a body is made smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Zstd,
    Brotli,
    Gzip,
}

/// From here on compressing would hold up the other requests of a thread.
const LONG_WORK: usize = 128 * 1024;

impl Coding {
    /// The best first: what a client likes equally well is decided by what costs least.
    const ALL: [Self; 3] = [Self::Zstd, Self::Brotli, Self::Gzip];

    /// The coding that the client likes best, if it likes any of ours.
    pub(super) fn choose(headers: &HeaderMap) -> Option<Self> {
        if !headers.contains_key(ACCEPT_ENCODING) {
            return None;
        }
        let mut best = (None, 0.0);
        for coding in Self::ALL {
            let weight = coding.weight(headers);
            if weight > best.1 {
                best = (Some(coding), weight);
            }
        }
        best.0
    }

    /// Whether the client can read it.
    pub(super) fn is_accepted(self, headers: &HeaderMap) -> bool {
        self.weight(headers) > 0.0
    }

    /// Its name in HTTP.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    pub(super) fn header(self) -> HeaderValue {
        HeaderValue::from_static(self.name())
    }

    /// The body, smaller.
    pub(super) async fn compress(self, body: Bytes) -> Bytes {
        if body.len() < LONG_WORK {
            return self.encode(&body);
        }
        let plain = body.clone();
        tokio::task::spawn_blocking(move || self.encode(&plain))
            .await
            .expect("the codings do not panic, and nobody aborts them")
    }

    /// Fast levels: a gateway's time is worth more than a last percent.
    fn encode(self, body: &[u8]) -> Bytes {
        const IN_MEMORY: &str = "writing to memory does not fail";
        match self {
            Self::Zstd => zstd::bulk::compress(body, 1).expect(IN_MEMORY),
            Self::Brotli => {
                let mut smaller = Vec::with_capacity(body.len() / 4);
                let parameters = brotli::enc::BrotliEncoderParams {
                    quality: 3,
                    size_hint: body.len(),
                    ..Default::default()
                };
                brotli::BrotliCompress(&mut &*body, &mut smaller, &parameters).expect(IN_MEMORY);
                smaller
            }
            Self::Gzip => {
                let smaller = Vec::with_capacity(body.len() / 4);
                let mut encoder = GzEncoder::new(smaller, flate2::Compression::new(3));
                encoder.write_all(body).expect(IN_MEMORY);
                encoder.finish().expect(IN_MEMORY)
            }
        }
        .into()
    }

    /// How much the client likes it: by its name, or by the star for all that are not named.
    fn weight(self, headers: &HeaderMap) -> f32 {
        let weight = |wanted: &str| {
            items(headers, &ACCEPT_ENCODING).find_map(|item| {
                let (coding, parameters) = item.split_once(';').unwrap_or((item, ""));
                let weight = parameters
                    .trim()
                    .strip_prefix("q=")
                    .map_or(Some(1.0), |q| q.trim().parse::<f32>().ok());
                coding
                    .trim()
                    .eq_ignore_ascii_case(wanted)
                    .then_some(weight.unwrap_or(0.0))
            })
        };
        weight(self.name()).or_else(|| weight("*")).unwrap_or(0.0)
    }
}

/// The items of a header that is a list.
fn items<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(accept: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(accept))])
    }

    #[test]
    fn the_client_chooses_and_the_gateway_where_it_does_not_care() {
        for (accept, expected) in [
            ("gzip, deflate, br, zstd", Some(Coding::Zstd)),
            ("gzip, deflate, br", Some(Coding::Brotli)),
            ("gzip", Some(Coding::Gzip)),
            ("zstd;q=0.5, gzip;q=0.8", Some(Coding::Gzip)),
            ("*", Some(Coding::Zstd)),
            ("zstd;q=0, *;q=0.1", Some(Coding::Brotli)),
            ("identity", None),
            ("identity;q=0", None),
            ("", None),
            ("gzip;q=x", None),
            ("br;q=NaN", None),
        ] {
            assert_eq!(Coding::choose(&headers(accept)), expected, "{accept}");
        }
        assert_eq!(Coding::choose(&HeaderMap::new()), None);
    }

    #[test]
    fn gzip_is_accepted_by_those_who_name_it_or_everything() {
        for value in ["gzip", "br, GZIP ;q=0.5", "*", "identity, *;q=0.1"] {
            assert!(Coding::Gzip.is_accepted(&headers(value)), "{value}");
        }
        for value in ["", "br", "gzip;q=0", "gzip; q=0.0, *", "gzip;q=x", "xgzip"] {
            assert!(!Coding::Gzip.is_accepted(&headers(value)), "{value}");
        }
        assert!(!Coding::Gzip.is_accepted(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn small_and_large_bodies_become_smaller_and_can_be_read_back() {
        for length in [2_000, LONG_WORK] {
            let body = Bytes::from("haul ".repeat(length / 5));
            for coding in Coding::ALL {
                let smaller = coding.compress(body.clone()).await;
                assert!(smaller.len() < body.len() / 10, "{coding:?}");
                assert_eq!(decode(coding, &smaller), body, "{coding:?}");
            }
        }
    }

    fn decode(coding: Coding, bytes: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        match coding {
            Coding::Zstd => plain = zstd::stream::decode_all(bytes).unwrap(),
            Coding::Brotli => brotli::BrotliDecompress(&mut &*bytes, &mut plain).unwrap(),
            Coding::Gzip => {
                flate2::write::GzDecoder::new(&mut plain)
                    .write_all(bytes)
                    .unwrap();
            }
        }
        plain
    }
}
