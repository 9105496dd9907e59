//! Notices for the user, and which of them the user wants.

use serde::Deserialize;

use crate::upstream::lenient;

/// A notice on the dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Notification {
    pub uuid: String,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub title: Option<String>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub created_at: Option<String>,
    #[serde(rename = "type", default, deserialize_with = "lenient::filled")]
    pub kind: Option<String>,
}

/// Whether and how a user is told about one kind of event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct NotificationSetting {
    pub uuid: String,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub notification_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub notification_display_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub notification_domain: Option<String>,
    /// One per way of telling.
    #[serde(
        rename = "notification_type",
        default,
        deserialize_with = "lenient::list"
    )]
    pub channels: Vec<NotificationChannel>,
    #[serde(rename = "org_user", default, deserialize_with = "lenient::object")]
    pub user: Option<SettingUser>,
}

/// Whose setting it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SettingUser {
    #[serde(deserialize_with = "lenient::filled")]
    pub uuid: Option<String>,
}

/// A way of telling: on the dashboard or by mail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct NotificationChannel {
    #[serde(deserialize_with = "lenient::filled")]
    pub notification_via: Option<String>,
    #[serde(deserialize_with = "lenient::filled")]
    pub notification_frequency: Option<String>,
    #[serde(deserialize_with = "lenient::flag")]
    pub enabled: Option<bool>,
}

mod reading;
mod writing;

pub use reading::{NotificationLists, NotificationSettingLists};
pub use writing::{ChannelChange, change_channel};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::NotificationChannel;

    #[test]
    fn a_switch_may_be_a_string() {
        let channel: NotificationChannel =
            serde_json::from_value(json!({ "enabled": "True" })).unwrap();
        assert_eq!(channel.enabled, Some(true));
    }
}
