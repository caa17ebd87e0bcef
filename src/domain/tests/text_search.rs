//! What a search finds does not depend on letter case, composition, width or the database's locale.

use latchkey_domain::{clock::Clock, random};
use latchkey_model::key_list::KeyListView;
use sqlx::{AssertSqlSafe, PgPool};

use crate::{
    key_rows::{Row, all},
    world::World,
};

/// Texts, and what each is searched as.
const FOLDED: [(&str, &str); 18] = [
    ("Deploy BOT", "deploy bot"),
    ("ÉCOLE", "école"),
    ("E\u{301}cole", "école"),
    ("Straße", "strasse"),
    ("STRAẞE", "strasse"),
    ("İSTANBUL", "istanbul"),
    ("ıstanbul", "istanbul"),
    ("ＡＰＩ　ＫＥＹ１", "api key1"),
    ("ΟΔΥΣΣΕΥΣ", "οδυσσευσ"),
    ("Ὀδυσσεύς", "ὀδυσσεύσ"),
    ("ЙОГУРТ Ёж", "йогурт ёж"),
    ("ﬁnal ﬂow", "final flow"),
    ("ŁÓDŹ Ørsted ÞÓR", "łódź ørsted þór"),
    ("ՀԱՅ", "հայ"),
    ("ＫａＴａ ｶﾞ", "kata ガ"),
    ("한국어", "한국어"),
    ("100% of_it \\ back", "100% of_it \\ back"),
    ("👩‍💻 مفتاح", "👩‍💻 مفتاح"),
];

async fn fold(pool: &PgPool, text: &str) -> String {
    sqlx::query_scalar("SELECT fold_text($1)")
        .bind(text)
        .fetch_one(pool)
        .await
        .expect("a text")
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn texts_are_compared_in_one_form(pool: PgPool) {
    for (text, folded) in FOLDED {
        assert_eq!(fold(&pool, text).await, folded, "{text}");
        assert_eq!(fold(&pool, folded).await, folded, "{folded} again");
    }
}

#[sqlx::test(migrations = false)]
async fn the_form_is_the_same_in_every_locale(pool: PgPool) {
    let execute = async |sql: String| {
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&pool)
            .await
            .is_ok()
    };
    let mut seen = 0;
    for locale in ["C", "C.utf8", "en_US.utf8", "tr_TR.utf8"] {
        let name = format!("locale_{}", random::id(Clock::System).simple());
        let create = format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING UTF8 LC_COLLATE '{locale}' LC_CTYPE '{locale}'"
        );
        // Not every system has every locale.
        if !execute(create).await {
            continue;
        }
        seen += 1;
        let options = (*pool.connect_options()).clone().database(&name);
        latchkey_store::migrate(&options).await.expect("the schema");
        let other = PgPool::connect_lazy_with(options);
        for (text, folded) in FOLDED {
            assert_eq!(fold(&other, text).await, folded, "{text} in {locale}");
        }
        other.close().await;
        execute(format!("DROP DATABASE {name} WITH (FORCE)")).await;
    }
    assert!(seen >= 1);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_key_is_found_however_its_description_is_written(pool: PgPool) {
    let world = World::new(pool).await;
    let owner = world.user("ada").await;
    for (description, _) in FOLDED {
        let row = Row {
            description,
            last_four: "zzzz",
            ..Row::default()
        };
        world.put(&owner, &row).await;
    }
    for (search, expected) in [
        ("école", &["ÉCOLE", "E\u{301}cole"][..]),
        ("E\u{301}COLE", &["ÉCOLE", "E\u{301}cole"]),
        ("STRASSE", &["Straße", "STRAẞE"]),
        ("straße", &["Straße", "STRAẞE"]),
        ("Istanbul", &["İSTANBUL", "ıstanbul"]),
        ("api key", &["ＡＰＩ　ＫＥＹ１"]),
        ("σευς", &["ΟΔΥΣΣΕΥΣ"]),
        ("%", &["100% of_it \\ back"]),
        ("_", &["100% of_it \\ back"]),
        ("\\", &["100% of_it \\ back"]),
    ] {
        let view = KeyListView {
            search: search.into(),
            size: 25,
            ..all()
        };
        let mut shown = world.shown(&owner, &view).await;
        let mut expected = expected.to_vec();
        shown.sort_unstable();
        expected.sort_unstable();
        assert_eq!(shown, expected, "{search}");
    }
}
