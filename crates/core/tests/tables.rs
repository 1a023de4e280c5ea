//! Tables as people have them: read right, or refused with the line that mends them.

use gradus::data::Table;
use gradus::prelude::*;

fn file(text: impl AsRef<[u8]>) -> tempfile::NamedTempFile {
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

fn read(text: impl AsRef<[u8]>, build: impl FnOnce(Table) -> Table) -> Result<Dataset> {
    build(Dataset::csv(file(text).path()).quiet()).read()
}

const IRIS: &str = "sepal,petal,species\n5.1,1.4,setosa\n4.9,1.3,setosa\n6.1,4.7,versicolor\n5.9,4.2,versicolor\n\
                    6.5,5.8,virginica\n7.1,5.9,virginica\n";

/// What a file is read to: features of the first example, number of examples, names of the classes.
#[track_caller]
fn reads(data: Result<Dataset>, first: &[f32], n: usize, classes: &[&str]) -> Dataset {
    let data = data.unwrap();
    assert_eq!(data.example(0).unwrap(), first, "{}", data.report());
    assert_eq!(
        (data.len(), data.class_names()),
        (
            n,
            &classes.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>()[..]
        )
    );
    data
}

#[track_caller]
fn refused(data: Result<Dataset>, says: &[&str]) {
    let error = data.unwrap_err().to_string();
    assert!(says.iter().all(|part| error.contains(part)), "{error}");
}

#[test]
fn classes_in_words_keep_their_names() {
    let iris = reads(
        read(IRIS, |t| t),
        &[5.1, 1.4],
        6,
        &["setosa", "versicolor", "virginica"],
    );
    assert_eq!(iris.labels(), [0, 0, 1, 1, 2, 2]);
    assert_eq!(iris.feature_names(), ["sepal", "petal"]);
    let report = iris.report();
    for part in [
        "6 rows and 3 columns, separated by comma; names in the first line",
        "2 of numbers (sepal, petal)",
        "target: species, 3 classes: setosa (2)",
    ] {
        assert!(report.contains(part), "{report}");
    }
    let mut net = Sequential::input(2).dense(3);
    net.fit(&iris, CrossEntropy, Sgd::new(0.1), Fit::epochs(1).quiet())
        .unwrap();
    assert!(
        net.summary()
            .to_string()
            .contains("Classes: setosa, versicolor, virginica")
    );
    let matrix = net.confusion(&iris).unwrap();
    assert!(
        matrix.to_string().contains("versicolor")
            && matrix.plot().svg().unwrap().contains("virginica")
    );
    assert!(
        net.predict_names(&iris)
            .unwrap()
            .iter()
            .all(|name| iris.class_names().contains(name))
    );
    let path = file("").path().with_extension("safetensors");
    net.save(&path).unwrap();
    let back = Sequential::load(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    assert_eq!(back.class_names(), iris.class_names());
    // The same labels under other names are other classes.
    let other = iris.with_class_names(["a", "b", "c"]).unwrap();
    let error = net.evaluate(&other, CrossEntropy).unwrap_err().to_string();
    assert!(error.contains(".like(&train)"), "{error}");
}

#[test]
fn separators_decimal_commas_and_encodings_are_found_out() {
    let two = &["no", "sí"];
    let rows = |separator: &str, comma: &str| {
        format!("x;y;apto\n1{comma}5;2;no\n3;4{comma}25;sí\n5;6;no\n7;8;sí\n")
            .replace(';', separator)
    };
    for separator in [",", ";", "\t", "|"] {
        reads(
            read(rows(separator, "."), |t| t.target("apto")),
            &[1.5, 2.0],
            4,
            two,
        );
    }
    for separator in [";", "\t", "|"] {
        reads(
            read(rows(separator, ","), |t| t.target("apto")),
            &[1.5, 2.0],
            4,
            two,
        );
    }
    reads(
        read(format!("\u{feff}{}", rows(";", ",")), |t| t.target("apto")),
        &[1.5, 2.0],
        4,
        two,
    );
    reads(
        read(rows(";", ",").replace('\n', "\r\n"), |t| t.target("apto")),
        &[1.5, 2.0],
        4,
        two,
    );
    reads(
        read(format!("sep=;\n{}", rows(";", ",")), |t| t.target("apto")),
        &[1.5, 2.0],
        4,
        two,
    );
    let utf16: Vec<u8> = format!("\u{feff}{}", rows("\t", ","))
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    reads(read(utf16, |t| t.target("apto")), &[1.5, 2.0], 4, two);
    let latin: Vec<u8> = rows(";", ",").chars().map(|c| c as u8).collect();
    let data = reads(read(latin, |t| t.target("apto")), &[1.5, 2.0], 4, two);
    assert!(data.report().contains("Windows-1252"));
    let spaced = "  1.5   2  a\n  3.0   4  b\n  5.0   6  a\n 17.0   8  b\n";
    reads(read(spaced, |t| t), &[1.5, 2.0], 4, &["a", "b"]);
    // 1.234,5 is a number in groups; 1,234 alone may be either.
    let grouped = "x;y;class\n1.234,5;2;a\n3,0;4;b\n2,0;2;a\n3,5;4;b\n";
    reads(read(grouped, |t| t), &[1234.5, 2.0], 4, &["a", "b"]);
    let doubtful = "x;class\n1,234;a\n3,456;b\n1,500;a\n2,200;b\n";
    refused(
        read(doubtful, |t| t),
        &[".decimal_comma()", ".thousands(',')"],
    );
    reads(
        read(doubtful, |t| t.thousands(',')),
        &[1234.0],
        4,
        &["a", "b"],
    );
    reads(
        read(doubtful, Table::decimal_comma),
        &[1.234],
        4,
        &["a", "b"],
    );
    refused(
        read("x,class\n\"1,5\",a\n\"2,5\",b\n\"1,0\",a\n2,b\n", |t| t),
        &["\"1,5\"", ".decimal_comma()"],
    );
    refused(
        read("x;class\n1,5;a\n1.234;b\n2,5;a\n0,5;b\n", |t| t),
        &[".decimal_comma()"],
    );
}

#[test]
fn names_in_the_first_line_are_told_from_data() {
    let none = IRIS.split_once('\n').unwrap().1;
    let data = reads(
        read(none, |t| t),
        &[5.1, 1.4],
        6,
        &["setosa", "versicolor", "virginica"],
    );
    assert!(data.report().contains("without names") && !data.feature_names().is_empty());
    reads(
        read(
            format!("# from a friend\n# sepal,petal,species\n{none}"),
            |t| t,
        ),
        &[5.1, 1.4],
        6,
        &["setosa", "versicolor", "virginica"],
    );
    reads(
        read("1990,1991,class\n1,2,0\n3,4,1\n5,6,0\n7,8,1\n", |t| t),
        &[1.0, 2.0],
        4,
        &["0", "1"],
    );
    refused(
        read("0,1,2\n0,1,0\n3,4,1\n5,6,0\n", |t| t),
        &[".header(true)", ".header(false)"],
    );
    refused(
        read("1990,2000,class\n1,2,0\n3,4,1\n5,6,0\n", |t| t),
        &[".header(true)"],
    );
    reads(
        read("1990,2000,class\n1,2,0\n3,4,1\n5,6,0\n7,8,1\n", |t| {
            t.header(true)
        }),
        &[1.0, 2.0],
        4,
        &["0", "1"],
    );
    refused(
        read(
            "Informe\nde 2026\n\nx,y,class\n1,2,a\n3,4,b\n1,2,a\n",
            |t| t.skip_lines(2).target("z"),
        ),
        &["\"z\"", "x, y, class"],
    );
    let words = "cap,odor,class\nx,n,e\nb,p,p\nx,n,e\nb,n,p\nx,p,e\n";
    let data = read(words, |t| t).unwrap();
    assert_eq!(data.feature_names(), ["cap=b", "cap=x", "odor=n", "odor=p"]);
}

#[test]
fn the_class_may_be_a_number_and_stand_anywhere() {
    // MNIST as CSV: the label comes first.
    let mnist = "label,p0,p1\n5,0,255\n0,3,4\n5,9,0\n0,1,1\n";
    let data = reads(read(mnist, |t| t), &[0.0, 255.0], 4, &["0", "5"]);
    assert_eq!(data.labels(), [1, 0, 1, 0]);
    // Classes from 1; -1 and 1; True and False.
    reads(
        read(
            "a,class\n0.5,1\n0.25,3\n0.5,2\n1.5,1\n2.5,2\n3.5,3\n",
            |t| t,
        ),
        &[0.5],
        6,
        &["1", "2", "3"],
    );
    reads(
        read("a,y\n0.5,-1\n0.25,1\n0.5,1\n2.5,-1\n", |t| t),
        &[0.5],
        4,
        &["-1", "1"],
    );
    reads(
        read(
            "a,b,y\n0.5,yes,True\n0.25,no,False\n0.5,no,True\n2.5,no,False\n",
            |t| t,
        ),
        &[0.5, 1.0],
        4,
        &["False", "True"],
    );
    let ten = "a,y\n0.5,10\n0.25,9\n0.5,9\n2.5,10\n1.0,10.0\n";
    reads(read(ten, |t| t), &[0.5], 5, &["9", "10"]);
    // A number to predict.
    let prices: String = (0..50)
        .map(|i| format!("{},{}\n", i as f32 / 3.0, 1000 + i * 7))
        .collect();
    let prices = format!("m2,price\n{prices}");
    refused(read(&prices, |t| t), &[".target(\"price\")"]);
    refused(
        read(&prices, |t| t.target("price")),
        &[".regression()", ".classification()"],
    );
    let data = read(&prices, |t| t.target("price").regression()).unwrap();
    assert_eq!(
        (data.classes(), data.outputs(), data.target_names()),
        (0, 1, &["price".to_owned()][..])
    );
    let data = read("a,b,c\n1.5,2,3.25\n2,3,4.5\n", |t| t.targets(["b", "c"])).unwrap();
    assert_eq!((data.outputs(), data.features()), (2, &[1.5, 2.0][..]));
    reads(
        read("a,b,y\n1,2,x\n3,4,z\n5,6,x\n7,8,z\n", |t| t.target(-1)),
        &[1.0, 2.0],
        4,
        &["x", "z"],
    );
    reads(
        read("a,y\n1,x\n2.5,z\n", |t| t.classes(["w", "x", "z"])),
        &[1.0],
        2,
        &["w", "x", "z"],
    );
    refused(
        read("a,y\n1,x\n2.5,z\n", |t| t.classes(["w", "x"])),
        &["\"z\""],
    );
}

#[test]
fn row_numbers_and_free_texts_are_no_features() {
    let data = reads(
        read(",a,class\n0,2.5,u\n1,2.5,v\n2,1,u\n3,1,v\n", |t| t),
        &[2.5],
        4,
        &["u", "v"],
    );
    assert!(data.report().contains("row numbers"), "{}", data.report());
    reads(
        read(
            "PassengerId,a,class\n12,2.5,u\n71,2.5,v\n102,1,u\n303,1,v\n",
            |t| t,
        ),
        &[2.5],
        4,
        &["u", "v"],
    );
    let days: String = (1..=20)
        .map(|i| format!("{i},{},{}\n", i % 3, i % 2))
        .collect();
    refused(
        read(format!("day,a,class\n{days}"), |t| t),
        &[".skip([\"day\"])", "counts the rows"],
    );
    reads(
        read(format!("day,a,class\n{days}"), |t| t.features(["day", "a"])),
        &[1.0, 1.0],
        20,
        &["0", "1"],
    );
    refused(read(&days, |t| t.target(2)), &[".skip([0])"]);
    let people: String = (0..12)
        .map(|i| format!("\"Smith, J. {i}\",T{i},{},{}\n", i * i, i % 2))
        .collect();
    let people = format!("name,ticket,fare,survived\n{people}");
    refused(
        read(&people, |t| t.target("survived")),
        &[".skip([\"name\", \"ticket\"])"],
    );
    reads(
        read(&people, |t| t.target("survived").skip(["name", "ticket"])),
        &[0.0],
        12,
        &["0", "1"],
    );
    // Codes are no quantities.
    let data = read("zip,class\n01001,a\n46020,b\n01001,a\n46020,b\n", |t| t).unwrap();
    assert_eq!(data.feature_names(), ["zip=01001", "zip=46020"]);
    refused(
        read(
            "price,class\n12 €,a\n13 €,b\n12 €,a\n13 €,b\n12 €,a\n13 €,b\n",
            |t| t,
        ),
        &["\"12 €\"", "unit"],
    );
    // An empty column at the end, an empty row at the end.
    let data = reads(
        read("a;class;\n1;u;\n2.5;v;\n3;u;\n4;v;\n;;\n", |t| t),
        &[1.0],
        4,
        &["u", "v"],
    );
    assert!(data.report().contains("is empty"), "{}", data.report());
}

#[test]
fn missing_values_are_asked_about() {
    let penguins = "island,bill,sex,species\nBiscoe,39.5,male,A\nDream,NA,female,A\nDream,41.5,,B\nBiscoe,45.0,male,B\n";
    refused(
        read(penguins, |t| t),
        &["bill 1", "sex 1", ".missing(Missing::Keep)"],
    );
    let dropped = read(penguins, |t| t.missing(Missing::Drop)).unwrap();
    assert_eq!((dropped.len(), dropped.labels()), (2, &[0, 1][..]));
    let filled = read(penguins, |t| t.missing(Missing::Median)).unwrap();
    assert_eq!(
        filled.feature_names(),
        [
            "island=Biscoe",
            "island=Dream",
            "bill",
            "sex=female",
            "sex=male",
            "sex=missing"
        ]
    );
    assert_eq!(filled.example(1).unwrap(), [0.0, 1.0, 41.5, 1.0, 0.0, 0.0]);
    assert_eq!(
        read(penguins, |t| t.missing(Missing::Mean))
            .unwrap()
            .example(1)
            .unwrap()[2],
        42.0
    );
    let kept = read(penguins, |t| t.missing(Missing::Keep)).unwrap();
    assert_eq!(kept.missing(), [0, 0, 1, 0, 0, 0]);
    let mut net = Sequential::input(6).dense(2);
    let error = net
        .fit(&kept, CrossEntropy, Sgd::new(0.1), Fit::epochs(1).quiet())
        .unwrap_err();
    assert!(error.to_string().contains("prepare().fill"), "{error}");
    refused(
        read("a,class\n1,u\nunknown,v\n2,u\n3.5,v\n", |t| t),
        &["line 3", "\"unknown\"", ".missing_words([\"unknown\"])"],
    );
    let told = read("a,class\n1,u\nunknown,v\n2,u\n3.5,v\n", |t| {
        t.missing_words(["unknown"]).missing(Missing::Keep)
    });
    assert_eq!(told.unwrap().missing(), [1]);
    // A row without a target is no example.
    let data = read("a,b,class\n1,1.5,u\n2,2.5,\n3,7,u\n4,3,v\n", |t| {
        t.target("class").missing(Missing::Keep)
    })
    .unwrap();
    assert_eq!(data.len(), 3);
}

#[test]
fn damage_is_told_with_its_line() {
    refused(
        read("a,b,class\n1,2,u\n3,4\n5,6,v\n1,2,u\n9,9,v\n", |t| t),
        &["line 3", "expected 3 fields, got 2"],
    );
    refused(read("", |t| t), &["no example"]);
    refused(read("a,b,class\n", |t| t), &["no example"]);
    refused(
        read("only words\nand more words here\n", |t| t),
        &["separator"],
    );
    refused(read(b"PK\x03\x04...", |t| t), &["spreadsheet"]);
    refused(
        read("a,class\n1,u\n2.5,u\n", |t| t.target("class")),
        &["always has the same value"],
    );
    refused(
        read("a,class\n1e40,u\n2.5,v\n1,u\n2,v\n", |t| t),
        &["a", ".skip([\"a\"])"],
    );
    refused(read(IRIS, |t| t.separator('x')), &["separator"]);
    assert!(Dataset::csv("/nowhere/at/all.csv").read().is_err());
}

#[test]
fn a_second_file_is_read_like_the_first() {
    let train = "colour,size,class\nred,1,a\nblue,2,b\nred,NA,c\nblue,3.5,c\nred,3,a\nblue,2,b\n";
    let train = read(train, |t| t.missing(Missing::Median)).unwrap();
    let test = "size,class,colour\n,c,blue\n7,a,green\n";
    let test = read(test, |t| t.like(&train)).unwrap();
    assert_eq!(test.class_names(), train.class_names());
    assert_eq!(test.labels(), [2, 0]);
    // The median of the training file; a colour that it does not know.
    assert_eq!(test.features(), [1.0, 0.0, 2.0, 0.0, 0.0, 7.0]);
    assert!(
        test.report()
            .contains("colour=green was not in the training data"),
        "{}",
        test.report()
    );
    refused(
        read("size,class,colour\n1,z,blue\n", |t| t.like(&train)),
        &["\"z\"", "a, b, c"],
    );
    let path = file("");
    train.to_csv(path.path()).unwrap();
    assert_eq!(Dataset::csv(path.path()).quiet().read().unwrap(), train);
}

#[test]
fn groups_and_time_come_from_columns() {
    let text: String = (0..12)
        .map(|i| {
            format!(
                "{},2026-01-{:02},{},{}\n",
                i / 3,
                28 - i,
                i as f32 / 2.0,
                i % 2
            )
        })
        .collect();
    let text = format!("patient,day,x,class\n{text}");
    let data = read(&text, |t| t.group("patient").sort_by("day")).unwrap();
    assert_eq!(data.feature_names(), ["x"]);
    assert_eq!(data.features()[0], 5.5);
    let (a, b) = data.split_by_group(0.5, 0).unwrap();
    assert_eq!((a.len(), b.len()), (6, 6));
    refused(
        read(text.replace("2026-01-", "1/2/"), |t| {
            t.skip(["patient"]).sort_by("day")
        }),
        &["2026-11-25"],
    );
}

#[test]
fn a_large_table_is_read_in_parts_and_the_line_is_right() {
    use std::fmt::Write as _;
    let mut text = String::from("id,a,b,class\n");
    for i in 0..200_000 {
        let _ = writeln!(
            text,
            "{i},{}.5,{},{}",
            i % 97,
            i % 11,
            ["u", "v", "w"][i % 3]
        );
    }
    assert!(text.len() > 1 << 21);
    let data = read(&text, |t| t).unwrap();
    assert_eq!((data.len(), data.shape().features()), (200_000, 2));
    for i in [0, 65_432, 199_999] {
        assert_eq!(
            data.example(i).unwrap(),
            [(i % 97) as f32 + 0.5, (i % 11) as f32]
        );
        assert_eq!(data.labels()[i], i % 3);
    }
    let at = text.find("\n150000,").unwrap() + 1;
    let broken = format!("{}oops{}", &text[..at], &text[at..]);
    refused(
        read(broken.replace("oops150000,", "150000,oops"), |t| t),
        &["line 150002"],
    );
    text.insert_str(at, "1,2\n");
    refused(
        read(&text, |t| t),
        &["line 150002", "expected 4 fields, got 2"],
    );
}

#[test]
fn preparation_knows_the_training_part_alone_and_stays_with_the_network() {
    let x = vec![1.0, 0.0, 3.0, 1.0, 5.0, 1.0, 100.0, 0.0];
    let all = Dataset::classification(x, 2, vec![0, 1, 0, 1], 2).unwrap();
    let (train, test) = all.split_in_order(0.75).unwrap();
    let prep = train.prepare().standardise();
    let (ready, other) = (prep.apply(&train).unwrap(), prep.apply(&test).unwrap());
    // (x - 3) / sqrt(8/3); the second feature is 0 or 1 and stays.
    let std = (8.0_f32 / 3.0).sqrt();
    for (x, expected) in ready
        .features()
        .iter()
        .zip([-2.0 / std, 0.0, 0.0, 1.0, 2.0 / std, 1.0])
    {
        assert!((x - expected).abs() < 1e-6, "{:?}", ready.features());
    }
    assert!((other.features()[0] - 97.0 / std).abs() < 1e-4);
    let mut net = Sequential::input(2).dense(2);
    net.fit(
        &ready,
        CrossEntropy,
        Sgd::new(0.1),
        Fit::epochs(3).quiet().validate(&test),
    )
    .unwrap();
    assert_eq!(
        net.predict(&test).unwrap().as_vec(),
        net.predict(&other).unwrap().as_vec()
    );
    let path = file("").path().with_extension("safetensors");
    net.save(&path).unwrap();
    let back = Sequential::load(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    assert_eq!(
        back.predict(&test).unwrap().as_vec(),
        net.predict(&test).unwrap().as_vec()
    );
    let twice = all.prepare().scale().apply(&ready).unwrap_err().to_string();
    assert!(twice.contains("prepared in another way"), "{twice}");
    assert!(ready.prepare().apply(&train).is_err());
    let one_hot = train.prepare().one_hot(0).apply(&all).unwrap();
    assert_eq!(
        one_hot.features(),
        [
            1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0
        ]
    );
}

#[test]
fn holes_are_filled_with_what_the_training_part_says() {
    let text = "a,b,class\n1,5.5,u\n,6.5,v\n3,,u\n8,1.5,v\n,0.5,u\n";
    let data = read(text, |t| t.missing(Missing::Keep)).unwrap();
    let (train, test) = data.split_in_order(0.8).unwrap();
    let prep = train.prepare().fill(Missing::Median).scale();
    assert_eq!(prep.apply(&test).unwrap().features()[0], (3.0 - 1.0) / 7.0);
    assert!(train.prepare().standardise().apply(&train).is_err());
    assert_eq!(
        train
            .prepare()
            .fill(Missing::Mean)
            .apply(&train)
            .unwrap()
            .features()[2],
        4.0
    );
}
