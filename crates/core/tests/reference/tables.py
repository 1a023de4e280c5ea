#!/usr/bin/env python3
"""Small tables of the kinds that people have, and what pandas reads from each when it is told how.

usage: pip install pandas && python3 tables.py > tables.json     (made with pandas 3.1)

For each: the bytes of the file, the names of the features (texts one-hot, in the order of their values), the features with null
for what is missing, and the class or number to predict of each row.
"""
import base64
import io
import json
import math

import pandas as pd

CASES = []


def case(name, text, target, encoding="utf-8", skip=(), features=None, regression=False, spaces="", **how):
    data = text if isinstance(text, bytes) else text.encode(encoding)
    how.setdefault("skipinitialspace", True)
    # pandas knows no hard spaces in numbers.
    known = data.replace(spaces.encode(encoding), b" ") if spaces else data
    frame = pd.read_csv(io.BytesIO(known), encoding=encoding, **how)
    frame.columns = [str(c) for c in frame.columns]
    target = frame.columns[target] if isinstance(target, int) else target
    frame = frame.dropna(subset=[target])
    y = frame.pop(target)
    frame = frame.drop(columns=[c for c in frame.columns if c in skip or c.startswith("Unnamed")])
    frame = frame[list(features)] if features else frame
    columns = []
    for column in frame.columns:
        values = frame[column]
        if values.dtype == bool:
            columns.append(values.astype(float).rename(column))
        elif pd.api.types.is_numeric_dtype(values):
            columns.append(values.astype(float))
        else:
            dummies = pd.get_dummies(values.str.strip(), prefix=column, prefix_sep="=", dtype=float)
            columns.extend(dummies[c] for c in dummies.columns)
    x = pd.concat(columns, axis=1)
    CASES.append({
        "name": name,
        "file": base64.b64encode(data).decode(),
        "names": list(x.columns),
        "features": [None if math.isnan(v) else v for v in x.to_numpy().ravel().tolist()],
        "targets": [float(v) if regression else str(v).strip() for v in y],
    })


FLOWERS = """sepal,petal,species
5.1,1.4,setosa
4.9,1.3,setosa
6.1,4.7,versicolor
5.9,4.2,versicolor
6.5,5.8,virginica
7.1,5.9,virginica
"""
ROWS = FLOWERS.split("\n", 1)[1]
SEMICOLON = FLOWERS.replace(",", ";").replace(".", ",")

case("comma", FLOWERS, "species")
case("semicolon and decimal comma", SEMICOLON, "species", sep=";", decimal=",")
case("tab", FLOWERS.replace(",", "\t"), "species", sep="\t")
case("bar", FLOWERS.replace(",", "|"), "species", sep="|")
case("columns of spaces", "".join("%8s  %6s   %s\n" % tuple(r.split(",")) for r in FLOWERS.splitlines()), "species",
     sep=r"\s+", skipinitialspace=False)
case("byte order mark", "\ufeff" + FLOWERS, "species")
case("Latin-1", "tamaño;país;opción\n1,5;España;sí\n2,5;Perú;no\n3,0;España;no\n4,0;Perú;sí\n", "opción", encoding="latin-1",
     sep=";", decimal=",")
case("UTF-16 of a spreadsheet", b"\xff\xfe" + SEMICOLON.replace(";", "\t").encode("utf-16-le"), "species", encoding="utf-16",
     sep="\t", decimal=",")
case("line ends of Windows", FLOWERS.replace("\n", "\r\n"), "species")
case("line ends of old Macs", FLOWERS.replace("\n", "\r"), "species")
case("what Excel writes above", "sep=;\n" + SEMICOLON, "species", sep=";", decimal=",", skiprows=1)
case("quotes with separators, lines and quotes",
     'size,note,class\n1.5,"a, b",u\n2.5,"two\nlines",v\n3.5,"a, b",v\n4.5,"two\nlines",u\n0.5,"say ""hi""",u\n1,"say ""hi""",v\n',
     "class")
case("everything in quotes", '"a","b","class"\n"1.5","2","u"\n"2.5","3","v"\n"1","2","u"\n"2","3","v"\n', "class")
case("ways to say missing", "a,b,class\n1,NA,u\n?,2.5,v\n3,-,u\nn/a,4,v\n5,,u\nNULL,6,v\nNaN,7,u\n8,None,v\n", "class",
     na_values=["?", "-"])
case("a word for missing", "a,class\n1,u\nunknown,v\n2.5,u\n3,v\n", "class", na_values=["unknown"])
case("a dot for missing", "a,class\n1,u\n.,v\n2.5,u\n3,v\n", "class", na_values=["."])
case("-999 for missing", "age,class\n31,u\n-999,v\n25,u\n40,v\n", "class", na_values=["-999"])
case("true and false", "a,b,y\n0.5,True,True\n0.25,False,False\n0.5,False,True\n2.5,True,False\n", "y")
case("-1 and 1", "a,y\n0.5,-1\n0.25,1\n0.5,1\n2.5,-1\n", "y")
case("the label first", "label,p0,p1,p2\n5,0,255,3\n0,3,4,0\n5,9,0,1\n0,1,1,255\n", "label")
case("row numbers of pandas", ",a,class\n0,2.5,u\n1,2.5,v\n2,1,u\n3,1,v\n", "class")
case("an identifier", "PassengerId,a,class\n12,2.5,u\n71,2.5,v\n102,1,u\n303,1,v\n", "class", skip=["PassengerId"])
case("classes from 1, first, without names", "1,14.23,1.71\n1,13.2,1.78\n2,12.37,0.94\n2,12.33,1.1\n3,12.86,1.35\n3,12.88,2.99\n",
     0, header=None)
case("no names, words last", ROWS + "\n", 2, header=None)
case("names in a comment", "# made by a friend\n# sepal,petal,species\n" + ROWS, "species", comment="#",
     names=["sepal", "petal", "species"])
case("comments in between", "# one\n" + FLOWERS.replace("6.1", "# two\n6.1"), "species", comment="#")
case("comments of percent signs", FLOWERS.replace("sepal", "% a\n% b\nsepal"), "species", comment="%")
case("dates", "date,a,class\n2026-01-02,1,u\n2026-01-03,2.5,v\n2026-01-04,3,u\n2026-01-05,4,v\n2026-01-06,1,v\n", "class",
     skip=["date"])
case("percent signs", "share,a,class\n12%,1,u\n13%,2.5,v\n12%,3,u\n15%,4,v\n", "class", skip=["share"])
case("a currency", 'price,a,class\n"$1,200.50",1,u\n$13,2.5,v\n$12,3,u\n$13,4,v\n', "class", skip=["price"])
case("thousands by commas", 'price,a,class\n"1,200",1,u\n"13,500",2.5,v\n900,3,u\n"1,100,000",4,v\n', "class", thousands=",")
case("thousands by points", "price;a;class\n1.200,5;1;u\n13.500,0;2;v\n900,0;3;u\n1.100.000,0;4;v\n", "class", sep=";",
     thousands=".", decimal=",")
case("thousands by spaces", "price;a;class\n1 200,5;1;u\n13 500,0;2;v\n900,0;3;u\n1 100 000,0;4;v\n", "class", sep=";",
     thousands=" ", decimal=",")
case("thousands by hard spaces", "price;a;class\n1\u00a0200,5;1;u\n13\u00a0500,0;2;v\n900,0;3;u\n1\u00a0100\u00a0000,0;4;v\n",
     "class", spaces="\u00a0", sep=";", thousands=" ", decimal=",")
case("separators at the ends", "a;class;\n1;u;\n2.5;v;\n3;u;\n4;v;\n", "class", sep=";")
case("empty lines", "\n" + FLOWERS.replace("\n6", "\n\n6") + "\n\n", "species")
case("empty rows of a spreadsheet", FLOWERS + ",,\n,,\n", "species")
case("two columns of one name", "a,a,class\n1,2,u\n2.5,3,v\n3,2,u\n4,3,v\n", "class")
case("no names, numbers alone", "0.5,10,0\n1.5,12,1\n2.5,10,0\n3.5,11,1\n", 2, header=None)
case("titles above", "Report of 2026\nby the department\n" + FLOWERS, "species", skiprows=2)
case("a row of units", "len,wid,class\ncm,cm,\n1.5,2,u\n2.5,3,v\n1,2,u\n2,3,v\n", "class", skiprows=[1])
case("all ways to write numbers", "a,b,class\n1e-3,+1.5,u\n.5,5.,v\n-0,1E5,u\n-2.5e+2,7.5,v\n", "class")
case("codes", "zip,class\n01001,a\n46020,b\n01001,a\n46020,b\n", "class", dtype={"zip": str})
case("spaces around", "a , b,class\n 1, 2.5 ,u\n2,3, v\n 4, 5,u\n6 ,7,v\n", "class", names=["a", "b", "class"], header=0)
case("names that are years", "1990,1991,class\n1,2,0\n3,4,1\n5,6,0\n7,8,1\n", "class")
case("names that are years apart", "1990,2000,class\n1,2,0\n3,4,1\n5,6,0\n7,8,1\n", "class")
case("a number to predict", "m2,rooms,price\n50,2,100.5\n60,3,120.25\n70,3,130\n80,4,150.75\n", "price", regression=True)
case("a whole number to predict", "m2,rooms,price\n" + "".join(f"{50 + i / 3:.2f},{i % 4},{1000 + 7 * i}\n" for i in range(30)),
     "price", regression=True)
case("a row without its class", "a,b,class\n1,1.5,u\n2,2.5,\n3,7,u\n4,3,v\n", "class")
case("quotes behind spaces", 'a, b, class\n1, "2.5", u\n2, "3", v\n4, "2.5", u\n6, "3", v\n', "class")
case("names of rows as R writes them", '"a" "b" "class"\n"1" 1.5 2 "u"\n"2" 2.5 3 "v"\n"3" 1 2 "u"\n"4" 2 3 "v"\n', "class",
     sep=" ")
print(json.dumps(CASES))
