const SHA256 = "AB".repeat(32);

/** Type, content in an unusual notation, and its canonical form. */
export const SAMPLE_CONTENTS: readonly (readonly [string, string, string])[] = [
    ["A", " 192.0.2.1 ", "192.0.2.1"],
    ["AAAA", "2001:0DB8:0:0::1", "2001:db8::1"],
    ["ALIAS", "LB.Example", "lb.example."],
    ["CAA", '128 ISSUE "ca.example; policy=ev"', '128 issue "ca.example; policy=ev"'],
    ["CAA", "0 issuewild ca.example", '0 issuewild "ca.example"'],
    ["CDNSKEY", "257 3 13 AQID BAU=", "257 3 13 AQIDBAU="],
    ["CDS", `1 13 2 ${SHA256}`, `1 13 2 ${SHA256.toLowerCase()}`],
    ["CNAME", "Www.Example", "www.example."],
    ["DNAME", "other.example.", "other.example."],
    ["DNSKEY", "257 3 13 AQIDBAU=", "257 3 13 AQIDBAU="],
    [
        "DS",
        `60485 13 2 ${SHA256.slice(0, 20)} ${SHA256.slice(20)}`,
        `60485 13 2 ${SHA256.toLowerCase()}`,
    ],
    [
        "HTTPS",
        '1 . ipv6hint=2001:DB8::1 alpn="h2,h3" port=0443',
        "1 . alpn=h2,h3 port=443 ipv6hint=2001:db8::1",
    ],
    ["HTTPS", "0 Svc.Example", "0 svc.example."],
    ["LUA", "a \"ifportup(443, {'192.0.2.1'})\"", "A \"ifportup(443, {'192.0.2.1'})\""],
    ["MX", "010  Mail.Example", "10 mail.example."],
    ["MX", "0 .", "0 ."],
    [
        "NAPTR",
        '100 10 "s" "SIP+D2U" "" _sip._udp.Example',
        '100 10 "s" "SIP+D2U" "" _sip._udp.example.',
    ],
    ["NS", "NS1.example", "ns1.example."],
    ["OPENPGPKEY", "AQID BAU=", "AQIDBAU="],
    ["PTR", "mail.Example", "mail.example."],
    ["SMIMEA", "3 0 0 AB cd", "3 0 0 abcd"],
    [
        "SOA",
        "NS1.example hostmaster.Example 01 10800 3600 604800 3600",
        "ns1.example. hostmaster.example. 1 10800 3600 604800 3600",
    ],
    ["SPF", '"v=spf1" " -all"', '"v=spf1 -all"'],
    ["SRV", "0 5 0587 Mail.example", "0 5 587 mail.example."],
    ["SSHFP", "4 2 AB CD", "4 2 abcd"],
    [
        "SVCB",
        "16 foo.example key65333=ex1 mandatory=alpn alpn=h2",
        "16 foo.example. mandatory=alpn alpn=h2 key65333=ex1",
    ],
    ["TLSA", `3 1 1 ${SHA256}`, `3 1 1 ${SHA256.toLowerCase()}`],
    ["TXT", '"a"  "b"', '"ab"'],
];

/** Type, content, and what is said of it. */
export const REFUSED_CONTENTS: readonly (readonly [string, string, string])[] = [
    ["A", "192.0.2", '"192.0.2" is no IPv4 address such as 192.0.2.1'],
    [
        "A",
        "192.0.2.1 192.0.2.2",
        '"192.0.2.1 192.0.2.2" has several words; expected one IPv4 address',
    ],
    ["AAAA", "fe80::1%eth0", '"fe80::1%eth0" is no IPv6 address such as 2001:db8::1'],
    ["MX", "mail.example", '"mail.example" is incomplete; expected <preference> <host>'],
    ["MX", "65536 mail.example", '"65536" is no whole number from 0 to 65535'],
    [
        "DS",
        "1 13 2 abcd",
        'the digest of "1 13 2 abcd" has 4 hexadecimal digits; digest type 2 has 64',
    ],
    ["TLSA", "3 1 1 xyz", '"xyz" is no hexadecimal data'],
    [
        "CAA",
        "issue ca.example",
        '"issue ca.example" is no CAA content such as 0 issue "ca.example"',
    ],
    ["HTTPS", "0 . alpn=h2", '"0 . alpn=h2" is an alias (priority 0) and has parameters'],
    ["HTTPS", "1 . alpn=h2 alpn=h3", '"1 . alpn=h2 alpn=h3" has the parameter alpn twice'],
    [
        "HTTPS",
        "1 . colour=red",
        '"colour" is no service parameter; expected one of mandatory, alpn, no-default-alpn, port, ipv4hint, ech, ipv6hint or key<number>',
    ],
    ["DNSKEY", "257 3 13 !!!", '"!!!" is no base64 data'],
];
