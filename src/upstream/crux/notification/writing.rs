//! How a notification setting is changed: one way of telling at a time.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};

use super::NotificationSettingLists;
use crate::{
    identity::Service,
    upstream::{Class, Endpoint, Error, Session},
};

static CHANGE_SETTING: Endpoint = Endpoint::of(
    Service::Crux,
    Method::PUT,
    "/notifications/notification-settings/",
);

/// What a way of telling becomes. The words are Crux's.
pub struct ChannelChange {
    /// The setting.
    pub setting: String,
    /// The way of telling.
    pub medium: &'static str,
    /// How soon.
    pub frequency: &'static str,
    /// Whether the user is told this way.
    pub enabled: bool,
}

/// Changes a way of telling; false if there is no such setting. The answer shows nothing of it.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn change_channel(session: &Session, change: &ChannelChange) -> Result<bool, Arc<Error>> {
    let reply = session
        .send::<Value>(CHANGE_SETTING.call(&[]).json(body(change)))
        .await;
    session.forget::<NotificationSettingLists>(None);
    match reply {
        Ok(_) => Ok(true),
        // The status said yes, and what became of it is read back.
        Err(error) if error.is_of_success() => Ok(true),
        Err(error) if error.class == Class::NotFound || error.status == Some(422) => Ok(false),
        Err(error) => Err(error),
    }
}

fn body(change: &ChannelChange) -> Value {
    json!({
        "uuid": change.setting,
        "notification_via": change.medium,
        "notification_frequency": change.frequency,
        // The type is not documented; the one sample, which was sent for real, has a word.
        "enabled": if change.enabled { "True" } else { "False" },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_sent_as_the_sample_shows_it() {
        let change = |enabled| ChannelChange {
            setting: "13823cd7-b095-4bba-812a-55a7efced240".to_owned(),
            medium: "Dashboard",
            frequency: "Daily",
            enabled,
        };
        let sample = json!({
            "uuid": "13823cd7-b095-4bba-812a-55a7efced240", "notification_via": "Dashboard",
            "enabled": "True", "notification_frequency": "Daily",
        });
        assert_eq!(body(&change(true)), sample);
        assert_eq!(body(&change(false))["enabled"], "False");
    }
}
