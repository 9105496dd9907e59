//! Notices of Crux Connect, and what a user wants to be told.

use super::{
    declare::{Entity, Graph, Link},
    leaf::Id,
    organization::instant,
};
use crate::{
    open_enum,
    upstream::crux::{
        OwnAccount,
        notification::{
            Notification, NotificationChannel, NotificationLists, NotificationSetting,
            NotificationSettingLists,
        },
    },
};

open_enum! {
    /// What an event that a user may be told of is about.
    pub enum NotificationDomain {
        /// Bills and payments.
        Billing = "Billing",
        /// Stock.
        Inventory = "Inventory",
        /// Orders.
        Orders = "Orders",
        /// Anything else that Crux counts as miscellaneous.
        Miscellaneous = "Miscellaneous",
        .. /// A word that this gateway does not know; `rawDomain` has it.
        Other
    }
}

open_enum! {
    /// A way of telling.
    pub enum NotificationMedium {
        /// A notice on the dashboard.
        Dashboard = "Dashboard",
        /// An e-mail.
        Email = "email",
        .. /// A word that this gateway does not know; `rawMedium` has it.
        Other
    }
}

open_enum! {
    /// How soon a user is told.
    pub enum NotificationFrequency {
        /// At once.
        RealTime = "Real-time",
        /// Twice a day.
        TwiceADay = "Twice a day",
        /// Once a day.
        Daily = "Daily",
        .. /// A word that this gateway does not know; `rawFrequency` has it.
        Other
    }
}

/// Declares the types and their root fields.
pub fn declare(graph: &mut Graph) {
    graph.entity(notification());
    graph.entity(setting());
    graph.entity(channel());
    graph.query(|query| {
        query
            .link(
                "notifications",
                "What the dashboard of the caller's account shows. Crux tells nobody of new notices: ask again. Source: Crux `GET /notifications/`.",
                Link::<_, NotificationLists>::to("Notification", |(), _| Ok(Some(OwnAccount))).each(Vec::clone),
            )
            .link(
                "notificationSettings",
                "Of which events the caller's user is told, and how. Source: Crux `GET /notifications/notification-settings/`.",
                Link::<_, NotificationSettingLists>::to("NotificationSetting", |(), _| Ok(Some(OwnAccount))).each(Vec::clone),
            )
    });
}

fn notification() -> Entity<Notification> {
    Entity::<Notification>::new(
        "Notification",
        "A notice on the dashboard. Source: Crux `GET /notifications/`.",
    )
    .field("upstreamId", "Crux's id of the notice.", |notice| {
        Id(notice.uuid.clone())
    })
    .field("title", "What it says.", |notice| notice.title.clone())
    .field("createdAt", "When it appeared.", |notice| {
        instant(notice.created_at.as_deref())
    })
    .field(
        "medium",
        "Where it appeared: on the dashboard, going by Crux's documentation.",
        |notice| notice.kind.as_deref().map(NotificationMedium::parse),
    )
    .field("rawMedium", "That in Crux's own word (`type`).", |notice| {
        notice.kind.clone()
    })
}

fn setting() -> Entity<NotificationSetting> {
    Entity::<NotificationSetting>::new("NotificationSetting", "Whether and how a user is told of one kind of event. Source: Crux `GET /notifications/notification-settings/`.")
        .field("upstreamId", "Crux's id of the setting.", |setting| Id(setting.uuid.clone()))
        .field("name", "Crux's name of the event, for programs.", |setting| setting.notification_name.clone())
        .field("displayName", "The event in words for people; null in the previous release of the API.", |setting| setting.notification_display_name.clone())
        .field("domain", "What the event is about.", |setting| setting.notification_domain.as_deref().map(NotificationDomain::parse))
        .field("rawDomain", "That in Crux's own word.", |setting| setting.notification_domain.clone())
        .field("userId", "Crux's id of the user whose setting it is; null where Crux does not tell.", |setting| setting.user.as_ref().and_then(|user| user.uuid.clone()).map(Id))
        .objects("channels", "NotificationChannel", "One per way of telling.", |setting| &setting.channels)
}

fn channel() -> Entity<NotificationChannel> {
    Entity::<NotificationChannel>::new(
        "NotificationChannel",
        "A way of telling a user of an event.",
    )
    .field("medium", "Where the user is told.", |channel| {
        channel
            .notification_via
            .as_deref()
            .map(NotificationMedium::parse)
    })
    .field("rawMedium", "That in Crux's own word.", |channel| {
        channel.notification_via.clone()
    })
    .field("frequency", "How soon.", |channel| {
        channel
            .notification_frequency
            .as_deref()
            .map(NotificationFrequency::parse)
    })
    .field("rawFrequency", "That in Crux's own words.", |channel| {
        channel.notification_frequency.clone()
    })
    .field(
        "isEnabled",
        "Whether the user is told this way.",
        |channel| channel.enabled,
    )
}
