import { describe, expect, test } from "vitest";
import { compileRegex } from "./compile-regex.ts";
import { DEFAULT_REGEX_LIMITS, type Regex } from "./regex.ts";

function compiled(pattern: string, limits = DEFAULT_REGEX_LIMITS): Regex {
  const result = compileRegex(pattern, limits);
  if (!result.ok) throw new Error(`${pattern}: ${result.error.message}`);
  return result.value;
}

type Groups = readonly (string | null)[];

/** Answers of Rust's regex 1.10.3: all matches, each with its groups. */
const MATCHES: readonly (readonly [pattern: string, text: string, matches: readonly Groups[]])[] = [
  // tornado.md 3.4: flags, groups, classes, anchors
  ["abc", "xabcx", [["abc"]]],
  ["", "", [[""]]],
  ["", "ab", [[""], [""], [""]]],
  ["a|ab", "ab", [["a"]]],
  ["ab|a", "ab", [["ab"]]],
  ["(?i)error", "an ERROR", [["ERROR"]]],
  ["(?m)^b$", "a\nb\nc", [["b"]]],
  ["^b$", "a\nb\nc", []],
  ["(?s)a.b", "a\nb", [["a\nb"]]],
  ["a.b", "a\nb", []],
  ["(?x) a b # note\n c", "abc", [["abc"]]],
  ["(?U)a+", "aaa", [["a"], ["a"], ["a"]]],
  ["(?U)a+?", "aaa", [["aaa"]]],
  ["(?u)\\w", "é", [["é"]]],
  ["(?P<n>a)(b)", "ab", [["ab", "a", "b"]]],
  ["(?<n>a)(?<m>b)?", "a", [["a", "a", null]]],
  ["[[:alpha:]]+", "abé1", [["ab"]]],
  ["[[:^alpha:]]+", "abé1", [["é1"]]],
  ["[a-z&&[^aeiou]]+", "hello", [["h"], ["ll"]]],
  ["[a-z--[aeiou]]+", "hello", [["h"], ["ll"]]],
  ["[a-g~~c-k]+", "abchijk", [["ab"], ["hijk"]]],
  ["[\\w--\\d]+", "ab12é", [["ab"], ["é"]]],
  ["\\Aab\\z", "ab", [["ab"]]],
  ["\\Aab\\z", "ab\n", []],
  ["\\Aab\\z", "xab", []],
  ["\\pL+", "aé1", [["aé"]]],
  ["\\p{Greek}+", "aσβ", [["σβ"]]],
  ["\\PL+", "a1 b", [["1 "]]],
  ["\\p{L}\\p{N}", "a1", [["a1"]]],
  [
    "(a)|(b)",
    "ba",
    [
      ["b", null, "b"],
      ["a", "a", null],
    ],
  ],
  ["(a(b)?)+", "aba", [["aba", "a", "b"]]],
  ["(?:a|b)*?c", "abc", [["abc"]]],
  ["(?i:A)b", "ab aB", [["ab"]]],
  ["a(?i)b|c", "aB C c", [["aB"], ["C"], ["c"]]],
  ["((?i)a)b", "Ab AB", [["Ab", "A"]]],
  ["(?i-s)A.", "a\nab", [["ab"]]],
  ["[^a]", "a\nb", [["\n"], ["b"]]],
  ["[^\\n]+", "a\nb", [["a"], ["b"]]],
  ["\\x41\\x{42}\\u0043\\u{44}\\U00000045\\U{46}", "ABCDEF", [["ABCDEF"]]],
  // 16.10: iteration and empty matches
  ["a*", "baac", [[""], ["aa"], [""]]],
  ["a*?", "aa", [[""], [""], [""]]],
  ["", "é😀", [[""], [""], [""]]],
  ["b*", "aéb", [[""], [""], ["b"]]],
  ["\\b", "ab cd", [[""], [""], [""], [""]]],
  ["$", "a\nb", [[""]]],
  ["(?m)$", "a\nb\n", [[""], [""], [""]]],
  ["(?m)^", "a\nb\n", [[""], [""], [""]]],
  ["x*", "😀x😀", [[""], ["x"], [""]]],
  [
    "(|a)*",
    "aab",
    [
      ["", ""],
      ["", ""],
      ["", ""],
      ["", ""],
    ],
  ],
  [
    "(|a)+",
    "aab",
    [
      ["", ""],
      ["", ""],
      ["", ""],
      ["", ""],
    ],
  ],
  ["(a|b*)*", "abba", [["abba", "a"]]],
  ["(?:a?)*?b", "aab", [["aab"]]],
  ["aa", "aaaa", [["aa"], ["aa"]]],
  ["aba", "ababa", [["aba"]]],
  ["^a", "aaa", [["a"]]],
  ["(?m)^a", "a\na", [["a"], ["a"]]],
  [".", "😀x😀", [["😀"], ["x"], ["😀"]]],
  ["(a*)(b*)", "aabb", [["aabb", "aa", "bb"]]],
  ["(a?){2}", "a", [["a", ""]]],
  ["(?:)", "ab", [[""], [""], [""]]],
  ["a{0}", "ab", [[""], [""], [""]]],
  ["(a){0}b", "ab", [["b"]]],
  ["(a){0}(b)", "ab", [["b", null, "b"]]],
  ["(?:a|(b)){2}", "ba", [["ba", "b"]]],
  [
    "(\\b){5}",
    "a",
    [
      ["", ""],
      ["", ""],
    ],
  ],
  [
    "()*",
    "a",
    [
      ["", ""],
      ["", ""],
    ],
  ],
  [
    "(^)*",
    "aa",
    [
      ["", ""],
      ["", null],
      ["", null],
    ],
  ],
  ["a??", "aa", [[""], [""], [""]]],
  ["\\B", "ab cd", [[""], [""]]],
  // 16.11: dot and dollar
  [".+", "a\r  b\nc", [["a\r  b"], ["c"]]],
  ["^.$", "😀", [["😀"]]],
  ["a$", "a\n", []],
  ["(?m)a$", "a\n", [["a"]]],
  ["(?m)a$", "a\r\n", []],
  ["(?R).+", "a\rb\nc", [["a"], ["b"], ["c"]]],
  ["(?sR).+", "a\rb\nc", [["a\rb\nc"]]],
  ["(?s).+", "a\nb", [["a\nb"]]],
  ["a\\z", "a\n", []],
  ["...", "😀éa", [["😀éa"]]],
  // 16.12: Unicode classes and simple folding
  ["\\s+", "a   　b", [["   　"]]],
  ["\\s", "﻿", []],
  ["\\d+", "12٣४", [["12٣४"]]],
  ["[0-9]+", "12٣", [["12"]]],
  ["\\w+", "é a_b", [["é"], ["a_b"]]],
  ["\\w+", "日本語 ñandú", [["日本語"], ["ñandú"]]],
  ["\\W+", "a-é", [["-"]]],
  ["\\D+", "a1٣", [["a"]]],
  ["(?-u:\\w)+", "aéb", [["a"], ["b"]]],
  ["(?-u:\\d)+", "1٣", [["1"]]],
  ["(?-u:\\s)+", "  ", [[" "]]],
  ["[[:alpha:]]", "é", []],
  ["[[:word:]]+", "aé_", [["a"], ["_"]]],
  ["(?i)ß", "ẞ", [["ẞ"]]],
  ["(?i)ß", "SS", []],
  ["(?i)straße", "STRASSE", []],
  ["(?i)straße", "STRAẞE", [["STRAẞE"]]],
  ["(?i)k", "K", [["K"]]],
  ["(?i)[k]", "K", [["K"]]],
  ["(?i)K", "kK", [["k"], ["K"]]],
  ["(?i-u)k", "KK", [["K"]]],
  ["(?i)σ", "ςΣσ", [["ς"], ["Σ"], ["σ"]]],
  ["(?i)i", "İıI", [["I"]]],
  ["(?i)İ", "i̇İ", [["İ"]]],
  ["(?i)å", "ÅÅå", [["Å"], ["Å"], ["å"]]],
  ["(?i)ſ", "sSſ", [["s"], ["S"], ["ſ"]]],
  ["(?i)[^k]", "kKKa", [["a"]]],
  ["(?i)[a-c]+", "aBC", [["aBC"]]],
  ["(?i)[[:upper:]]+", "aB", [["aB"]]],
  ["(?i)\\p{Lu}+", "aBé", [["aBé"]]],
  ["(?i)\\P{Lu}", "aB1", [["1"]]],
  ["(?i)é", "É", [["É"]]],
  ["(?i-u)é", "Éé", [["é"]]],
  ["(?i)ǆ", "ǅǄ", [["ǅ"], ["Ǆ"]]],
  ["(?i)θ", "ϑΘϴ", [["ϑ"], ["Θ"], ["ϴ"]]],
  ["(?i)Ω", "Ωω", [["Ω"], ["ω"]]],
  ["(?i)µ", "μΜ", [["μ"], ["Μ"]]],
  ["(?i)[a-z&&[^k]]+", "aKbk", [["a"], ["b"]]],
  ["(?i)[k--K]", "kK", []],
  ["(?i)\\w+", "kK", [["kK"]]],
  ["\\bé\\b", "é é", [["é"], ["é"]]],
  ["\\bété\\b", "été étés", [["été"]]],
  ["\\b\\w", "a é 1", [["a"], ["é"], ["1"]]],
  ["\\Bé", "aé é", [["é"]]],
  ["é\\b", "é-éa", [["é"]]],
  ["^\\b", "éa", [[""]]],
  ["\\b$", "é", [[""]]],
  ["\\b日", "日 a日", [["日"]]],
  ["(?-u:\\b)é", "aé", [["é"]]],
  ["\\b𝒳\\b", "𝒳 a𝒳", [["𝒳"]]],
  ["\\b😀\\b", "a😀b 😀", [["😀"]]],
  ["a\\b́", "á", []],
  ["(?m)^\\bé\\b$", "a\né\nb", [["é"]]],
  ["\\w\\b.\\b\\w", "é é a-b", [["é é"], ["a-b"]]],
  // 16.13: brackets, repetitions, braces
  ["[[:foo:]]+", "f:o", [["f:o"]]],
  ["[]a]+", "]a", [["]a"]]],
  ["[^]a]+", "b]a", [["b"]]],
  ["a++", "aaa", [["aaa"]]],
  ["a?+", "aa", [["aa"]]],
  ["a**", "aa", [["aa"]]],
  ["^*a", "aa", [["a"], ["a"]]],
  ["a}", "a}", [["a}"]]],
  ["}", "}", [["}"]]],
  ["a{2}", "aaaa", [["aa"], ["aa"]]],
  ["a{2,}", "aaaa", [["aaaa"]]],
  ["a{1,2}", "aaa", [["aa"], ["a"]]],
  ["a{1,2}?", "aaa", [["a"], ["a"], ["a"]]],
  ["a{ 2 }", "aaa", [["aa"]]],
  ["a{ 1 , 2 }", "aaa", [["aa"], ["a"]]],
  ["(?x)a { 2 }", "aa", [["aa"]]],
  ["a{2}{2}", "aaaaa", [["aaaa"]]],
  ["[a-]+", "a-", [["a-"]]],
  ["[-a]+", "a-", [["a-"]]],
  ["[+--]+", "+,-", [["+"]]],
  ["[a&&]", "a", []],
  ["[&]+", "&", [["&"]]],
  ["[a&b]+", "a&b", [["a&b"]]],
  ["[~a]+", "~a", [["~a"]]],
  ["[[a]b]+", "ab", [["ab"]]],
  ["[a[b[c]]]+", "abc", [["abc"]]],
  ["[^[a]b]+", "abc", [["c"]]],
  ["[\\]\\[]+", "[]", [["[]"]]],
  ["[\\d-]+", "1-2", [["1-2"]]],
  ["[\\-a]+", "-a", [["-a"]]],
  ["[a-c-e]+", "abc-e", [["abc-e"]]],
  ["[.*+?]+", ".*+?", [[".*+?"]]],
  ["[^\\d\\s]+", "a1 b", [["a"], ["b"]]],
  ["[\\x41-\\x43]+", "ABCD", [["ABC"]]],
  ["[😀-😂]+", "😀😁a", [["😀😁"]]],
  ["[a&&b]", "ab", []],
  ["[a&&b]*c", "c", [["c"]]],
  ["[^a&&b]", "ab", [["a"], ["b"]]],
  ["[a-z&&b-y&&c]+", "bcd", [["c"]]],
  ["[a-z--b--c]+", "abcd", [["a"], ["d"]]],
  ["[[:alpha:]--[:lower:]]+", "aBC", [["BC"]]],
  ["(?x)[a b # c\n]+", "a b", [["a"], ["b"]]],
  ["[[:^space:]]+", "a b", [["a"], ["b"]]],
  ["[[:xdigit:][:punct:]]+", "f-g", [["f-"]]],
  // 16.14: boundaries, escapes, names
  ["(?R)a.", "a\r", []],
  ["\\<a", "a ba", [["a"]]],
  ["a\\>", "ab a", [["a"]]],
  ["\\b{start}\\w", "ab cd", [["a"], ["c"]]],
  ["\\w\\b{end}", "ab cd", [["b"], ["d"]]],
  ["\\b{start-half}a", "a ba -a", [["a"], ["a"]]],
  ["a\\b{end-half}", "a ab a-", [["a"], ["a"]]],
  ["\\b{start}é", "é aé", [["é"]]],
  ["é\\b{end}", "é éa", [["é"]]],
  ["\\b{start-half}", "-é", [[""], [""]]],
  ["\\b{end-half}", "é-", [[""], [""]]],
  ["\\b{2}a", "a", [["a"]]],
  ["\\/\\_\\ \\%\\@\\!\\\"\\'\\,\\:\\;\\=\\`", "x", []],
  ["\\/", "a/b", [["/"]]],
  ["\\ ", " ", [[" "]]],
  ["\\-\\#\\&\\~", "-#&~", [["-#&~"]]],
  ["\\a\\f\\t\\n\\r\\v", "\u0007\f\t\n\r\u000b", [["\u0007\f\t\n\r\u000b"]]],
  ["(?<a.b[0]>x)", "x", [["x", "x"]]],
  ["(?<é>x)", "x", [["x", "x"]]],
  ["(?P<_1>x)", "x", [["x", "x"]]],
  ["(?i)(?-i)A", "aA", [["A"]]],
  ["(?:(?i)a)b", "Ab", [["Ab"]]],
  ["\\.\\*\\?\\(\\)\\|\\[\\]\\{\\}\\^\\$\\\\", "a", []],
  // regex.md: the rest of the table
  ["\\p{greek}+", "σ", [["σ"]]],
  ["\\p{Script=Greek}+", "aσ", [["σ"]]],
  ["\\p{sc:Grek}+", "σ", [["σ"]]],
  ["\\p{scx=Grek}", "ʹ", []],
  ["\\p{gc=Lu}+", "aB", [["B"]]],
  ["\\p{any}", "a", [["a"]]],
  ["\\p{ASCII}+", "aé", [["a"]]],
  ["\\p{Assigned}", "͸a", [["a"]]],
  ["\\p{Is_Greek}", "σ", [["σ"]]],
  ["\\p{ lowercase letter }+", "aB", [["a"]]],
  ["\\p{Alphabetic}+", "a1", [["a"]]],
  ["\\p{Emoji}", "😀", [["😀"]]],
  ["\\p{XID_Start}+", "a1", [["a"]]],
  ["\\p{White_Space}", "", [[""]]],
  ["\\p{cf}", "‍", [["‍"]]],
  ["\\p{sc}", "$€", [["$"], ["€"]]],
  ["\\p{lc}+", "aB1", [["aB"]]],
  ["\\p{Cn}", "͸", [["͸"]]],
  ["a(?-u)b\\w", "abé", []],
  ["(?u-i)A", "a", []],
  ["(a){2,3}", "aaaa", [["aaa", "a"]]],
  ["(?:a{3}){4}", "aaaaaaaaaaaaa", [["aaaaaaaaaaaa"]]],
  ["\\w+b|\\w+c?", "abc", [["abc"]]],
  ["\\w+b|\\w+", "abc", [["ab"], ["c"]]],
  ["a*?b|a*?c?", "aab", [[""], [""], ["b"]]],
  ["(x)y|(x)z", "xz", [["xz", null, "x"]]],
  ["(?:foo|foobar)$", "foobar", [["foobar"]]],
  ["(.*)(\\d+)(.*)", "ab123cd", [["ab123cd", "ab12", "3", "cd"]]],
  ["(.*?)(\\d+)(.*)", "ab123cd", [["ab123cd", "ab", "123", "cd"]]],
  ["(\\w+)@(\\w+)\\.com", "me@site.com", [["me@site.com", "me", "site"]]],
  ["(?P<y>\\d{4})-(?P<m>\\d{2})", "on 2023-10-05", [["2023-10", "2023", "10"]]],
  [
    "The (.+) service entered",
    "The Print Spooler service entered the stopped state",
    [["The Print Spooler service entered", "Print Spooler"]],
  ],
  ["(a)(b)?(c)?", "ac", [["ac", "a", null, "c"]]],
  ["(?s)(.*)$", "a\nb", [["a\nb", "a\nb"]]],
  ["a|b|c|d", "dcba", [["d"], ["c"], ["b"], ["a"]]],
  [
    "(?:^|,)([^,]*)",
    ",a,,b",
    [
      ["", ""],
      [",", ""],
      [",b", "b"],
    ],
  ],
  [
    "(?m)^(\\w+):\\s*(.*)$",
    "k: v\nl:w",
    [
      ["k: v", "k", "v"],
      ["l:w", "l", "w"],
    ],
  ],
  ["[\\w.]+@[\\w.]+", "é.x@y.z", [["é.x@y.z"]]],
  [".{3,}", "ab\nabcd", [["abcd"]]],
  [
    "(.){2,3}",
    "abcde",
    [
      ["abc", "c"],
      ["de", "e"],
    ],
  ],
  ["((a{2,}))", "aaab", [["aaa", "aaa", "aaa"]]],
  ["\\w{2,}?", "abcd", [["ab"], ["cd"]]],
  ["[^,]{0,2}", "ab,cde", [["ab"], ["cd"], ["e"]]],
  ["\\s*\\S+\\s*", " a b ", [[" a "], ["b "]]],
  ["(?i)(get|post)\\s+/(\\S*)", "GET /x?y=1 HTTP", [["GET /x?y=1", "GET", "x?y=1"]]],
  ["x*y|x*z", "xxz", [["xxz"]]],
  ["(?:(?:a|b)|c)+", "abcd", [["abc"]]],
];

describe("tornado.md 3.4 and 16.10 to 16.15, rule-language.md, Regular expressions", () => {
  describe("matches as Rust", () => {
    test.each(MATCHES)("%j on %j", (pattern, text, matches) => {
      const regex = compiled(pattern);
      const groups = regex.all(text).map((match) => match.groups.map((group) => group ?? null));
      expect(groups).toEqual(matches);
      expect(regex.first(text)?.groups.map((group) => group ?? null)).toEqual(matches[0]);
      expect(regex.test(text)).toBe(matches.length > 0);
      for (const {
        start,
        end,
        groups: [whole],
      } of regex.all(text))
        expect(text.slice(start, end)).toBe(whole);
    });
  });

  /** Refused by Rust; the offsets are Rust's or the start of the construct. */
  const REFUSED: readonly (readonly [pattern: string, offset: number, message: string])[] = [
    ["a{", 1, "unclosed repetition {, a literal { is written \\{"],
    ["a{x}", 2, "a repetition { needs a number, a literal { is written \\{"],
    ["{", 0, "nothing to repeat, a literal { is written \\{"],
    ["x|{2}", 2, "nothing to repeat, a literal { is written \\{"],
    ["a{,3}", 2, "a repetition { needs a number, a literal { is written \\{"],
    ["a{2", 1, "unclosed repetition {, a literal { is written \\{"],
    ["a{2,", 1, "unclosed repetition {, a literal { is written \\{"],
    ["a{2,1}", 1, "repetition {2,1}: the first number is above the second"],
    ["a{99999999999}", 2, "repetition count 99999999999 is too large"],
    ["${event.type}", 2, "a repetition { needs a number, a literal { is written \\{"],
    ["a{}", 2, "a repetition { needs a number, a literal { is written \\{"],
    ["(", 0, "unclosed group"],
    ["(a", 0, "unclosed group"],
    ["a)", 1, "unopened group, a literal ) is written \\)"],
    ["[a", 0, "unclosed character class"],
    ["[", 0, "unclosed character class"],
    ["[]", 0, "unclosed character class"],
    ["[^]", 0, "unclosed character class"],
    ["[z-a]", 1, "invalid range in a character class, its start must not be above its end"],
    ["[a-\\d]", 3, "the ends of a range must be single characters"],
    ["[\\d-a]", 1, "the ends of a range must be single characters"],
    ["[[a]", 0, "unclosed character class"],
    ["[\\b]", 1, "this escape cannot stand in a character class"],
    ["[\\A]", 1, "this escape cannot stand in a character class"],
    ["[a&&", 0, "unclosed character class"],
    ["\\", 0, "unfinished escape at the end of the pattern"],
    ["\\q", 0, "unknown escape \\q"],
    ["\\Z", 0, "unknown escape \\Z"],
    ["\\h", 0, "unknown escape \\h"],
    ["\\R", 0, "unknown escape \\R"],
    ["\\X", 0, "unknown escape \\X"],
    ["\\K", 0, "unknown escape \\K"],
    ["\\G", 0, "unknown escape \\G"],
    ["\\cA", 0, "unknown escape \\c"],
    ["\\e", 0, "unknown escape \\e"],
    ["\\Q", 0, "unknown escape \\Q"],
    ["\\Qa\\E", 0, "unknown escape \\Q"],
    ["\\0", 0, "back-references and octal escapes are not supported: \\0"],
    ["\\012", 0, "back-references and octal escapes are not supported: \\0"],
    ["\\8", 0, "back-references and octal escapes are not supported: \\8"],
    ["(a)\\1", 3, "back-references and octal escapes are not supported: \\1"],
    ["\\k<a>", 0, "unknown escape \\k"],
    ["\\x{110000}", 0, "hexadecimal escape 110000 is no Unicode character"],
    ["\\x{d800}", 0, "hexadecimal escape d800 is no Unicode character"],
    ["\\x{}", 0, "empty hexadecimal escape"],
    ["\\xZ1", 2, 'invalid hexadecimal digit "Z"'],
    ["\\x4", 0, "unfinished escape at the end of the pattern"],
    ["\\u12", 0, "unfinished escape at the end of the pattern"],
    ["\\x{41", 0, "unfinished escape at the end of the pattern"],
    ["\\p{Foo}", 0, 'unknown Unicode property "Foo"'],
    ["\\pY", 0, 'unknown Unicode property "Y"'],
    ["\\p", 0, "unfinished escape at the end of the pattern"],
    ["\\p{", 0, "unfinished escape at the end of the pattern"],
    ["\\p{Cs}", 0, 'unknown Unicode property "Cs"'],
    ["\\p{sc=Foo}", 0, 'unknown value of a Unicode property "sc=Foo"'],
    ["\\p{foo=Lu}", 0, 'unknown Unicode property "foo=Lu"'],
    ["\\p\\d", 2, "invalid Unicode class, expected a letter or {name}"],
    ["\\P{^L}", 0, 'unknown Unicode property "^L"'],
    ["(?<1>a)", 3, 'invalid character "1" in the name of a group'],
    ["(?<a-b>c)", 4, 'invalid character "-" in the name of a group'],
    ["(?P<a", 4, "unclosed name of a group"],
    ["(?P<>x)", 4, "empty name of a group"],
    ["(?<a>b)(?<a>c)", 10, "two groups are named a"],
    ["(?P=a)", 2, 'unknown flag "P", accepted: i, m, s, R, U, u, x'],
    ["(?P>x)", 2, 'unknown flag "P", accepted: i, m, s, R, U, u, x'],
    ["(?'a'b)", 2, 'unknown flag "\'", accepted: i, m, s, R, U, u, x'],
    ["(?i", 0, "unclosed group"],
    ["(?ii)", 3, "flag i is given twice"],
    ["(?i-i)", 4, "flag i is given twice"],
    ["(?z)", 2, 'unknown flag "z", accepted: i, m, s, R, U, u, x'],
    ["(?)", 1, "nothing to repeat: ? behind ("],
    ["(?-)", 2, "a - without a flag behind it"],
    ["(?i-)", 3, "a - without a flag behind it"],
    ["(?--i)", 3, "a second - among the flags"],
    ["(?=a)", 0, "look-around is not supported: (?="],
    ["(?!a)", 0, "look-around is not supported: (?!"],
    ["(?<=a)", 0, "look-around is not supported: (?<="],
    ["(?<!a)", 0, "look-around is not supported: (?<!"],
    ["(?>a)", 2, 'unknown flag ">", accepted: i, m, s, R, U, u, x'],
    ["(?#x)", 2, 'unknown flag "#", accepted: i, m, s, R, U, u, x'],
    ["(?(1)a|b)", 2, 'unknown flag "(", accepted: i, m, s, R, U, u, x'],
    ["\\b{foo}", 0, "unknown word boundary \\b{foo}, accepted: start, end, start-half, end-half"],
    ["\\b{", 0, "unclosed { behind \\b"],
    ["\\b{start", 0, "unclosed \\b{…}"],
    ["*", 0, "nothing to repeat, a literal * is written \\*"],
    ["+", 0, "nothing to repeat, a literal + is written \\+"],
    ["?", 0, "nothing to repeat, a literal ? is written \\?"],
    ["a|*", 2, "nothing to repeat, a literal * is written \\*"],
    ["(*a)", 1, "nothing to repeat, a literal * is written \\*"],
    ["(?i)*", 4, "nothing to repeat, a literal * is written \\*"],
    ["(?-u:.)", 5, "a dot under (?-u) would match parts of characters"],
    ["(?-u:\\xFF)", 5, "\\xFF under (?-u) is a byte and no character"],
    ["(?-u:[^a])", 5, "a negated class under (?-u) would match parts of characters"],
    ["(?-u:\\W)", 5, "a negated class under (?-u) would match parts of characters"],
    ["(?-u:\\D)", 5, "a negated class under (?-u) would match parts of characters"],
    ["(?-u:[é])", 6, "a class under (?-u) may hold ASCII characters only"],
    ["(?-u:\\pL)", 5, "Unicode classes need Unicode, which (?-u) switched off"],
    ["(?-u:[[:^alpha:]])", 6, "a negated class under (?-u) would match parts of characters"],
    ["(?x) a # c\n )", 12, "unopened group, a literal ) is written \\)"],
    ["a\\", 1, "unfinished escape at the end of the pattern"],
  ];

  describe("refuses what Rust refuses", () => {
    test.each(REFUSED)("%j at %i", (pattern, offset, message) => {
      expect(compileRegex(pattern, DEFAULT_REGEX_LIMITS)).toEqual({ ok: false, error: { message, offset } });
    });
  });

  /** Accepted by Rust (all but the three over its 10 MB), and without an equivalent here. */
  const NOT_SUPPORTED: readonly (readonly [pattern: string, offset: number, message: string])[] = [
    ["(?mR)^a", 5, "^ under both (?m) and (?R) is not supported"],
    ["(?mR)a$", 6, "$ under both (?m) and (?R) is not supported"],
    ["\\b(?-u:\\b)", 7, "word boundaries of both ASCII, (?-u), and Unicode are not supported"],
    ["(?-u:\\B)a\\<", 9, "word boundaries of both ASCII, (?-u), and Unicode are not supported"],
    ["(?:(a){50}){30}", 3, "a group repeated 1500 times is not supported, at most 1000; (?:…) does not capture"],
    ["\\p{age=6.0}", 0, 'Unicode property "age=6.0" is not supported, only categories, scripts and binary properties'],
    [
      "\\p{gcb=Control}",
      0,
      'Unicode property "gcb=Control" is not supported, only categories, scripts and binary properties',
    ],
    [
      "\\p{wb=Numeric}",
      0,
      'Unicode property "wb=Numeric" is not supported, only categories, scripts and binary properties',
    ],
    [
      "\\p{sb=Upper}",
      0,
      'Unicode property "sb=Upper" is not supported, only categories, scripts and binary properties',
    ],
    ["\\p{gc!=L}", 0, "\\p{gc!=L}: != is not supported, use \\P{…}"],
    ["(\\w{200}){200}", 0, "a program of about 40002 instructions is over the limit of 600 (limits.regex_program)"],
    ["\\pL{2000}", 0, "classes of this size are repeated too often: 82704000 bytes in Rust, at most 10485760"],
    ["\\w{218}", 0, "classes of this size are repeated too often: 10500624 bytes in Rust, at most 10485760"],
    ["(?:ab){300}", 0, "a program of 602 instructions is over the limit of 600 (limits.regex_program)"],
    ["x(?:a?){400}", 1, "a program of 803 instructions is over the limit of 600 (limits.regex_program)"],
  ];

  describe("deviation: refuses what has no equivalent or is too large", () => {
    test.each(NOT_SUPPORTED)("%j at %i", (pattern, offset, message) => {
      expect(compileRegex(pattern, DEFAULT_REGEX_LIMITS)).toEqual({ ok: false, error: { message, offset } });
    });
  });

  /** Answers of Rust's `replace_all`. */
  const REPLACED: readonly (readonly [pattern: string, text: string, replacement: string, result: string])[] = [
    ["a", "banana", "-", "b-n-n-"],
    ["a*", "baac", "-", "-b-c-"],
    ["", "ab", "-", "-a-b-"],
    ["(\\w)(\\w)", "abcd", "$2$1", "badc"],
    ["(?P<x>a)", "a", "$x!", "a!"],
    ["(?P<x>a)", "a", "${x}y", "ay"],
    ["(?P<x>a)", "a", "$xy", ""],
    ["(a)", "a", "$1a", ""],
    ["(a)", "a", "$1_x", ""],
    ["(a)", "a", "${1}a", "aa"],
    ["a", "a", "$0$0", "aa"],
    ["a", "a", "$9", ""],
    ["a", "a", "$nope", ""],
    ["a", "a", "$ 1", "$ 1"],
    ["a", "a", "x$", "x$"],
    ["a", "a", "$&", "$&"],
    ["a", "a", "$<x>", "$<x>"],
    ["a", "a", "\\1", "\\1"],
    ["a", "a", "$$", "$"],
    ["a", "a", "$$0", "$0"],
    ["a", "a", "$$$0", "$a"],
    ["(a)|(b)", "ab", "[$1$2]", "[a][b]"],
    ["(a)|(b)", "ab", "<$2>", "<><b>"],
    ["a", "a", "${0", "${0"],
    ["a", "a", "${}", ""],
    ["a", "a", "${ 0}", ""],
    ["a", "a", "${+0}", "a"],
    ["a", "a", "$-0", "$-0"],
    ["(?<é>a)", "a", "$é", "$é"],
    ["(?<é>a)", "a", "${é}", "a"],
    ["(?<a.b[0]>x)", "x", "${a.b[0]}", "x"],
    ["x", "a", "-", "a"],
    ["$", "a\n", "-", "a\n-"],
    ["(?m)$", "a\nb", "-", "a-\nb-"],
    ["😀", "a😀b", "$0$0", "a😀😀b"],
    ["a", "aaa", "$00", "aaa"],
    ["(a)", "a", "$01", "a"],
    ["\\s+", "a  b c", " ", "a b c"],
    ["^\\s+|\\s+$", "  a b ", "", "a b"],
    ["a", "a", "$99999999999999999999", ""],
    ["(?i)b", "aBb", "_", "a__"],
    ["(a){0}(b)", "ab", "[$1|$2]", "a[|b]"],
  ];

  describe("replaces as Rust", () => {
    test.each(REPLACED)("%j in %j by %j", (pattern, text, replacement, result) => {
      expect(compiled(pattern).replaceAll(text, replacement)).toBe(result);
    });
  });

  describe("groups", () => {
    test.each<[string, number, readonly (string | null)[]]>([
      ["abc", 0, [null]],
      ["(a)(?P<x>b)(?<y>c)", 3, [null, null, "x", "y"]],
      ["(?:a)(b)", 1, [null, null]],
      // A group under {0} keeps its number but not its name; behind the last that is left it is gone.
      ["(?<x>a){0}(b)", 2, [null, null, null]],
      ["(b)(?<x>a){0}", 1, [null, null]],
      ["(?<é.b[0]>a)", 1, [null, "é.b[0]"]],
    ])("%j has %i", (pattern, count, names) => {
      const regex = compiled(pattern);
      expect(regex.groupCount).toBe(count);
      expect(regex.groupNames).toEqual(names);
      expect(regex.source).toBe(pattern);
    });

    test("offsets are UTF-16 units", () => {
      expect(compiled("é(b)").first("😀éb")).toEqual({ start: 2, end: 4, groups: ["éb", "b"] });
    });
  });

  describe("limits", () => {
    const counting = (limits: Partial<typeof DEFAULT_REGEX_LIMITS>) => {
      const count = { over: 0 };
      return { count, limits: { ...DEFAULT_REGEX_LIMITS, ...limits, onOverLimit: () => void count.over++ } };
    };

    test("a value over the longest does not match and is told", () => {
      for (const pattern of ["a", "a+", "a|bc"]) {
        const { count, limits } = counting({ value: 5 });
        const regex = compiled(pattern, limits);
        expect(regex.test("aaaaa")).toBe(true);
        expect(count.over).toBe(0);
        expect([
          regex.test("aaaaaa"),
          regex.first("aaaaaa"),
          regex.all("aaaaaa"),
          regex.replaceAll("aaaaaa", "-"),
        ]).toEqual([false, null, [], undefined]);
        expect(count.over).toBe(4);
      }
    });

    test("a value whose length times the program size is over the cost does not match and is told", () => {
      const { count, limits } = counting({ cost: 100 });
      const regex = compiled("a[bc]d", limits);
      expect(regex.test("x".repeat(17) + "abd")).toBe(true);
      expect(regex.test("x".repeat(18) + "abd")).toBe(false);
      expect(regex.first("x".repeat(18) + "abd")).toBeNull();
      expect(count.over).toBe(2);
    });

    test("find-all pays for each search", () => {
      const { count, limits } = counting({ cost: 50_000 });
      const quadratic = compiled("a(?:.*x)?", limits);
      expect(quadratic.test("a".repeat(1000))).toBe(true);
      expect(quadratic.all("a".repeat(1000))).toEqual([]);
      expect(quadratic.replaceAll("a".repeat(1000), "-")).toBeUndefined();
      expect(count.over).toBe(2);
      expect(compiled("a[bc]?", limits).all("a".repeat(500))).toHaveLength(500);
      expect(count.over).toBe(2);
    });

    test("groups are left out of the size, and one repeated class does not count", () => {
      expect(
        compiled("x(?:(.)){300}", { ...DEFAULT_REGEX_LIMITS, program: 400 }).first(`x${"y".repeat(300)}`)?.end,
      ).toBe(301);
      const long = compiled(".{1000,}");
      expect(long.test("a".repeat(999))).toBe(false);
      expect(long.test(`${"a".repeat(999)}\n${"b".repeat(1000)}`)).toBe(true);
      expect(long.first(`${"a".repeat(999)}\n${"b".repeat(1001)}\n`)).toMatchObject({ start: 1000, end: 2001 });
    });

    test("counts over the engine's 1,000 are written out", () => {
      const limits = { ...DEFAULT_REGEX_LIMITS, program: 10_000, cost: 1e8 };
      const text = "ab".repeat(1200);
      expect(compiled("^(?:ab){1200}$", limits).test(text)).toBe(true);
      expect(compiled("^(?:ab){1201}$", limits).test(text)).toBe(false);
      expect(compiled("^(?:(?:ab){40}){30}$", limits).test(text)).toBe(true);
      expect(compiled("^(?:ab){1001,1200}?", limits).first(text)?.end).toBe(2002);
      expect(compiled("^(?:ab){1001,}", limits).first(text)?.end).toBe(2400);
    });

    test("the size of a hopeless pattern is estimated, not built", () => {
      const result = compileRegex("a(?:(?:(?:b{9}){99}){999}c){999}", DEFAULT_REGEX_LIMITS);
      expect(result).toMatchObject({ ok: false, error: { offset: 1 } });
      if (!result.ok)
        expect(result.error.message).toMatch(/^a program of about \d+ instructions is over the limit of 600/);
    });
  });

  test("a lone surrogate is refused", () => {
    expect(compileRegex("a\ud83d", DEFAULT_REGEX_LIMITS)).toEqual({
      ok: false,
      error: { message: "the pattern holds half of a surrogate pair", offset: 1 },
    });
  });

  test.each([
    ["a chain of operators", (n: number) => `[a${"&&a".repeat(n)}]`, 249],
    ["a chain of operators on several members", (n: number) => `[a${"--bc".repeat(n)}]`, 248],
    ["operators in classes in operators", (n: number) => `${"[a&&".repeat(n)}b${"]".repeat(n)}`, 125],
    ["repetitions", (n: number) => `a${"*".repeat(n)}`, 250],
    ["sequences in groups", (n: number) => `${"(?:x".repeat(n)}a${")".repeat(n)}`, 125],
  ])("nesting as deep as Rust's: %s", (_name, pattern, deepest) => {
    expect(compileRegex(pattern(deepest), DEFAULT_REGEX_LIMITS)).toMatchObject({ ok: true });
    const error = { message: "nested deeper than 250" };
    expect(compileRegex(pattern(deepest + 1), DEFAULT_REGEX_LIMITS)).toMatchObject({ ok: false, error });
  });

  test("long patterns neither overflow the stack nor take long", () => {
    for (const pattern of [
      "a|".repeat(200_000),
      "ab|".repeat(200_000),
      "a".repeat(400_000),
      "a*".repeat(200_000),
      `[${"ab".repeat(200_000)}]`,
    ]) {
      const result = compileRegex(pattern, DEFAULT_REGEX_LIMITS);
      if (!result.ok) expect(result.error.message).toMatch(/^a program of (?:about )?\d+ instructions/);
    }
  }, 10_000);

  test("a large alternation of words", () => {
    const regex = compiled(`^(${Array.from({ length: 300 }, (_, i) => `w${i}`).join("|")})$`);
    expect(regex.first("w299")?.groups).toEqual(["w299", "w299"]);
    expect(regex.test("w300")).toBe(false);
  });

  test("a repetition of nothing happens once", () => {
    expect(compiled("(?:){4000}a").test("a")).toBe(true);
    expect(compiled(String.raw`(\b){4000}a`).first("a")?.groups).toEqual(["a", ""]);
  });

  test("nesting is bounded by Rust's 250", () => {
    for (const [open, close] of [
      ["(?:", ")"],
      ["[", "]"],
    ] as const) {
      expect(compileRegex(open.repeat(250) + "a" + close.repeat(250), DEFAULT_REGEX_LIMITS).ok).toBe(true);
      expect(compileRegex(open.repeat(251) + "a" + close.repeat(251), DEFAULT_REGEX_LIMITS)).toMatchObject({
        ok: false,
        error: { message: "nested deeper than 250" },
      });
    }
  });
});
