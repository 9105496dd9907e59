//! The write of what a user wants to be told.

use std::sync::Arc;

use super::{
    check::Check,
    declare::{Entity, Graph},
    error::Error,
    leaf::Id,
    notification::{NotificationFrequency, NotificationMedium},
};
use crate::{
    input_object,
    upstream::{
        Session,
        crux::{
            OwnAccount,
            notification::{
                ChannelChange, NotificationSetting, NotificationSettingLists, change_channel,
            },
        },
    },
};

input_object! {
    /// How a user is to be told of one kind of event.
    pub struct SetNotificationChannelInput {
        /// The setting of the kind of event: its `upstreamId`, a UUID.
        setting_id: Id,
        /// The way of telling. `OTHER` cannot be written.
        medium: NotificationMedium,
        /// How soon the user is told. `OTHER` cannot be written.
        frequency: NotificationFrequency,
        /// Whether the user is told this way at all.
        is_enabled: bool,
    }
}

/// What `setNotificationChannel` gives back.
struct ChangedSetting {
    setting: Option<Arc<NotificationSetting>>,
}

/// Declares the mutation.
pub fn declare(graph: &mut Graph) {
    graph.entity(
        Entity::<ChangedSetting>::new("SetNotificationChannelPayload", "The answer to `setNotificationChannel`. It means that Crux accepted the change.")
            .shared_object("notificationSetting", "NotificationSetting", "The setting as Crux has it after the change, read anew, because Crux answers a change with nothing; null if that read failed.", |payload| payload.setting.as_ref()),
    );
    graph.write(
        "setNotificationChannel",
        "Sets whether and how soon the caller's user is told of one kind of event in one way. Source: Crux `PUT /notifications/notification-settings/`.",
        "SetNotificationChannelPayload",
        &[
            ("uuid", SETTING),
            ("notification_via", &["input", "medium"]),
            ("notification_frequency", &["input", "frequency"]),
            ("enabled", &["input", "isEnabled"]),
        ],
        |session, input: SetNotificationChannelInput| Box::pin(change(session, input)),
    );
}

const SETTING: &[&str] = &["input", "settingId"];

async fn change(
    session: &Arc<Session>,
    input: SetNotificationChannelInput,
) -> Result<ChangedSetting, Error> {
    let change = checked(input)?;
    if !change_channel(session, &change).await? {
        return Err(Error::not_found(SETTING, "There is no such setting."));
    }
    // The write is done: whatever happens now is no failure of it.
    let settings = session.load::<NotificationSettingLists>(OwnAccount).await;
    let settings = settings.ok().flatten().unwrap_or_default();
    let is_changed = |setting: &&Arc<NotificationSetting>| setting.uuid == change.setting;
    Ok(ChangedSetting {
        setting: settings.iter().find(is_changed).cloned(),
    })
}

fn checked(input: SetNotificationChannelInput) -> Result<ChannelChange, Error> {
    let mut check = Check::new("input");
    let setting = check.uuid("settingId", &input.setting_id);
    let medium = check.word("medium", input.medium.word());
    let frequency = check.word("frequency", input.frequency.word());
    check.finish(setting.map(|setting| ChannelChange {
        setting,
        medium,
        frequency,
        enabled: input.is_enabled,
    }))
}
