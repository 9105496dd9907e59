//! How notifications and their settings are read: each list as a whole. There is no push.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::{Notification, NotificationSetting};
use crate::{
    identity::Service,
    upstream::{Endpoint, FetchResult, Fetched, Keep, Resource, Session, crux::OwnAccount},
};

static LIST_NOTIFICATIONS: Endpoint = Endpoint::get(Service::Crux, "/notifications/");
static LIST_SETTINGS: Endpoint =
    Endpoint::get(Service::Crux, "/notifications/notification-settings/");

/// What the dashboard of the caller's account shows.
pub struct NotificationLists;

impl Resource for NotificationLists {
    type Key = OwnAccount;
    type Value = Vec<Arc<Notification>>;
    const NAME: &'static str = "notification_lists";
    const SERVICE: Service = Service::Crux;
    const KEEP: Keep = Keep::Notifications;

    async fn fetch(
        session: Arc<Session>,
        keys: Vec<OwnAccount>,
    ) -> Vec<FetchResult<Vec<Arc<Notification>>>> {
        list(&session, &LIST_NOTIFICATIONS, &keys).await
    }
}

/// What the caller's user is told, and how.
pub struct NotificationSettingLists;

impl Resource for NotificationSettingLists {
    type Key = OwnAccount;
    type Value = Vec<Arc<NotificationSetting>>;
    const NAME: &'static str = "notification_setting_lists";
    const SERVICE: Service = Service::Crux;
    const KEEP: Keep = Keep::Notifications;

    async fn fetch(
        session: Arc<Session>,
        keys: Vec<OwnAccount>,
    ) -> Vec<FetchResult<Vec<Arc<NotificationSetting>>>> {
        list(&session, &LIST_SETTINGS, &keys).await
    }
}

async fn list<T: DeserializeOwned>(
    session: &Session,
    endpoint: &'static Endpoint,
    keys: &[OwnAccount],
) -> Vec<FetchResult<T>> {
    let reply = session.send::<T>(endpoint.call(&[])).await;
    let result = reply.map(|reply| Some(Fetched::new(reply.value, reply.bytes)));
    // The key has one value, so there is one key.
    keys.iter()
        .zip([result])
        .map(|(_, result)| result)
        .collect()
}
