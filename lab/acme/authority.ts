import type { KeyPair } from "../machines/control/pki.ts";

/**
 * The authority that the ACME server's own HTTPS certificate is of. It is committed, because stacks name it in their config
 * (`acmeCaBundle`), and it vouches for nothing but an address on loopback.
 */
export const ACME_AUTHORITY: KeyPair = {
    certificate: `-----BEGIN CERTIFICATE-----
MIIBwDCCAWegAwIBAgIUBzHzzc7J+UwgIuPt77SVuEzjs1UwCgYIKoZIzj0EAwIw
LTErMCkGA1UEAwwiQXV0aG9yaXR5IG9mIHRoZSBsYWIncyBBQ01FIHNlcnZlcjAg
Fw0yNjExMjYwMTM4MzBaGA8yMTI2MTEwMjAxMzgzMFowLTErMCkGA1UEAwwiQXV0
aG9yaXR5IG9mIHRoZSBsYWIncyBBQ01FIHNlcnZlcjBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABHQ6peQSGJwSgpBcGIVt+ZEvszlNP7RxTE9qErlv20mCWY5/y2FK
ktHC/fRnJyowuvOIhPOKOFj+z/oYf17RZKmjYzBhMB0GA1UdDgQWBBRACe9D3pAo
bc7lpSt7nW/C4jC8LTAfBgNVHSMEGDAWgBRACe9D3pAobc7lpSt7nW/C4jC8LTAP
BgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwICBDAKBggqhkjOPQQDAgNHADBE
AiBpkoF0oHpScL+MW2LQnd/jGdE1mx6LT/ZgFYdPkbvM/QIgFIXNfv/WofCHjZSo
m+r0ixDn9vpdx3ES4N6+lTGYa+I=
-----END CERTIFICATE-----
`,
    privateKey: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgeDayb/mZ+sPzFOMW
KgYsLaN8VSgsT5dyxYzltXIadkChRANCAAR0OqXkEhicEoKQXBiFbfmRL7M5TT+0
cUxPahK5b9tJglmOf8thSpLRwv30ZycqMLrziITzijhY/s/6GH9e0WSp
-----END PRIVATE KEY-----
`,
};
