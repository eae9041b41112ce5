use super::axis::civil_date;
use super::*;

fn point(time: i64, value: f64) -> Point {
    Point { time, value }
}

fn sample() -> Chart {
    Chart {
        title: "A & B <crash>".to_owned(),
        subtitle: "two".to_owned(),
        price: (0..1_000).map(|minute| point(minute * 60, 100.0 + (minute % 97) as f64)).collect(),
        liquidations: vec![
            Marker { at: point(600, 110.0), side: Side::Long },
            Marker { at: point(601, 110.0), side: Side::Long },
            Marker { at: point(6_000, 150.0), side: Side::Short },
        ],
        pool: vec![point(0, 1_000_000.0), point(60_000, 1_000_500.0)],
    }
}

/// A reader of the XML subset that the writer uses: balanced tags, quoted
/// attributes, no stray `<` or `&`.
fn assert_well_formed(xml: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        let (text, tag) = rest.split_at(start);
        let entities = ["&amp;", "&lt;", "&gt;", "&quot;"];
        let stray =
            text.match_indices('&').any(|(at, _)| !entities.iter().any(|name| text[at..].starts_with(name)));
        assert!(!stray && !text.contains('>'), "stray character in `{text}`");
        let end = tag.find('>').expect("an end of the tag");
        let body = &tag[1..end];
        assert_eq!(body.matches('"').count() % 2, 0, "quotes in `{body}`");
        assert!(!body.contains('<'));
        if let Some(name) = body.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !body.ends_with('/') {
            open.push(body.split_whitespace().next().expect("a name"));
        }
        rest = &tag[end + 1..];
    }
    assert!(open.is_empty() && rest.trim().is_empty());
}

#[test]
fn the_document_is_well_formed_and_says_what_it_shows() {
    let svg = sample().render();
    assert_well_formed(&svg);
    assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    for text in [
        "A &amp; B &lt;crash&gt;",
        "long liquidated (2)",
        "short liquidated (1)",
        "Price, quote per base",
        "UTC",
    ] {
        assert!(svg.contains(text), "{text}");
    }
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
}

#[test]
fn markers_on_one_pixel_are_drawn_once() {
    // Two in the legend, and of three liquidations two share a pixel.
    assert_eq!(sample().render().matches("Z\" fill").count(), 4);
}

#[test]
fn a_chart_of_nothing_or_of_one_point_is_still_a_document() {
    assert_well_formed(&Chart::default().render());
    let one = Chart { price: vec![point(5, 0.0)], pool: vec![point(5, 7.0)], ..Chart::default() };
    let svg = one.render();
    assert_well_formed(&svg);
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
}

#[test]
fn a_thinned_line_keeps_its_extremes() {
    let mut points: Vec<Point> = (0..100_000).map(|time| point(time, 50.0)).collect();
    points[41_234].value = 1.0;
    points[41_236].value = 99.0;
    let axis = TimeAxis::over(points.iter().map(|point| point.time), 0.0, 1_000.0);
    let kept = thinned(&points, &axis);
    assert!(kept.len() < 4_100, "{}", kept.len());
    assert!(kept.contains(&points[41_234]) && kept.contains(&points[41_236]));
    assert!(kept.is_sorted_by_key(|point| point.time));
}

#[test]
fn axes_map_their_ends_and_label_round_values() {
    let axis = ValueAxis::over([10.0, 20.0].into_iter(), 0.0, 100.0);
    assert!(axis.position(20.0) < 10.0 && axis.position(10.0) > 90.0);
    let labels: Vec<String> = axis.ticks().into_iter().map(|(_, label)| label).collect();
    assert_eq!(labels, ["10", "12", "14", "16", "18", "20"]);

    let thousands = ValueAxis::over([1_000_000.0, 1_000_900.0].into_iter(), 0.0, 100.0);
    assert_eq!(thousands.ticks()[0].1, "1,000,000");

    let time = TimeAxis::over([0, 86_400].into_iter(), 0.0, 960.0);
    assert_eq!((time.position(0), time.position(43_200)), (0.0, 480.0));
    let labels: Vec<String> = time.ticks().into_iter().map(|(_, label)| label).collect();
    assert_eq!(labels, ["1 Jan", "04:00", "08:00", "12:00", "16:00", "20:00", "2 Jan"]);
}

#[test]
fn days_become_dates() {
    // 1,620,604,800 s is 2021-05-10T00:00:00Z, the first bar of a data set.
    assert_eq!(civil_date(1_620_604_800 / 86_400), (2021, 5, 10));
    assert_eq!(civil_date(0), (1970, 1, 1));
    assert_eq!(civil_date(-1), (1969, 12, 31));
    // Leap days: 2000 has one, 2100 has none.
    assert_eq!(civil_date(11_016), (2000, 2, 29));
    assert_eq!(civil_date(47_541), (2100, 3, 1));
    assert_eq!(timestamp(1_621_428_000), "2021-05-19 12:40");
}
