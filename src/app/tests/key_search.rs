//! The search form of every list against every caller: a key is found by who may list it, and is nowhere
//! in the answer.

use axum::http::{StatusCode, header};
use latchkey_model::digest::Digest;

use crate::{
    scene::{NO_KEY, Scene, scene},
    site::{Answer, Person},
};

const OWN: &str = "/account-settings/api-keys";
const PROJECT: &str = "/account-settings/project";

fn location(answer: &Answer) -> &str {
    answer
        .headers
        .get(header::LOCATION)
        .and_then(|to| to.to_str().ok())
        .unwrap_or_default()
}

/// A key of the team, of the outsider, and one of the administrator's own: its text and its id.
async fn key_of(scene: &Scene, person: &Person, team: Option<&str>) -> (String, String) {
    let mut form = vec![
        ("description", "x"),
        ("expires", "never"),
        ("token", "01900000-0000-7000-8000-00000000000c"),
    ];
    form.extend(team.map(|team| ("team", team)));
    let made = scene
        .site
        .post("/fn/api-keys/create", Some(person), &form)
        .await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let part = |at| made.body.split('"').nth(at).expect("a value").to_owned();
    (part(7), part(3))
}

#[tokio::test]
async fn a_key_is_found_by_who_may_list_it_and_by_nobody_else() {
    let scene = scene().await;
    let (admin, member, outsider) = (&scene.admin, &scene.member, &scene.outsider);
    let team = format!("/account-settings/teams/{}", scene.team);
    let (foreign, foreign_id) = key_of(&scene, outsider, None).await;
    let (own, own_id) = key_of(&scene, member, None).await;
    let (shared, shared_id) = key_of(&scene, admin, Some(&scene.team)).await;
    for (path, person, key, expected) in [
        (OWN, member, &own, Some(own_id.as_str())),
        (OWN, member, &foreign, Some("none")),
        (OWN, member, &shared, Some("none")),
        (OWN, outsider, &foreign, Some(&foreign_id)),
        (&team, admin, &shared, Some(&shared_id)),
        (&team, admin, &own, Some("none")),
        (&team, member, &shared, None),
        (&team, outsider, &shared, None),
        (PROJECT, admin, &own, Some(&own_id)),
        (PROJECT, admin, &shared, Some(&shared_id)),
        (PROJECT, member, &own, None),
        (PROJECT, outsider, &foreign, None),
    ] {
        assert!(key.starts_with("sk_"), "{key}");
        let digest = Digest::of(key)
            .as_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
            .concat();
        let pasted = format!("Bearer {key}");
        for form in [[("q", pasted.as_str())], [("digest", &digest)]] {
            let answer = scene.site.post(path, Some(person), &form).await;
            match expected {
                Some(found) => {
                    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
                    assert_eq!(location(&answer), format!("{path}?key={found}"));
                }
                None => assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}"),
            }
            assert!(!answer.body.contains(&key[3..40]), "{path}");
        }
    }
    scene.site.close().await;
}

#[tokio::test]
async fn other_text_leads_to_the_address_of_its_search() {
    let scene = scene().await;
    for (form, to) in [
        (vec![("q", "ci"), ("size", "25")], "?q=ci&size=25"),
        (vec![("q", ""), ("status", "revoked")], "?status=revoked"),
        (vec![("digest", "abc")], ""),
        (vec![("q", "sk_…6bb1")], "?q=sk_%E2%80%A66bb1"),
        (vec![], ""),
    ] {
        let answer = scene.site.post(OWN, Some(&scene.member), &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(location(&answer), format!("{OWN}{to}"));
    }
    let key = format!("sk_{}", "0123456789abcdefghjkmnpqrstvwxyz".repeat(3));
    let signed_out = scene.site.post(OWN, None, &[("q", &key)]).await;
    assert_eq!(location(&signed_out), "/sign-in");
    let old = scene
        .site
        .get(&format!("{OWN}?q={key}&size=25"), Some(&scene.member))
        .await;
    assert_eq!(location(&old), format!("{OWN}?size=25"));
    let old = scene
        .site
        .get(&format!("{OWN}?key={NO_KEY}"), Some(&scene.member))
        .await;
    assert_eq!(old.status, StatusCode::OK);
    scene.site.close().await;
}
