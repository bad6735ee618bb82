import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyText } from "../../../../test/helpers/any-text.ts";
import { isCloudMetadata, isLoopbackAddress, isPrivateAddress } from "../../src/index.ts";

test("isLoopbackAddress() knows this machine's addresses in every spelling", () => {
  for (const address of [
    "127.0.0.1",
    "127.255.255.254",
    "::1",
    "[::1]",
    "0:0:0:0:0:0:0:1",
    "0000:0000:0000:0000:0000:0000:0000:0001",
    "::1%lo",
    "::ffff:127.0.0.1",
    "::FFFF:127.0.0.1",
    "[::ffff:7f00:1]",
    "0:0:0:0:0:ffff:127.0.0.1",
  ]) {
    assert.equal(isLoopbackAddress(address), true, address);
    assert.equal(isPrivateAddress(address), false, address);
  }
});

test("isPrivateAddress() knows RFC 1918, RFC 4193 and link-local addresses in every spelling, up to their edges", () => {
  const inside =
    "10.0.0.0 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 fc00::1 fdff::1 fe80::1 fe80::1%eth0 [fd00::1] febf::1 ::ffff:10.1.2.3 ::ffff:c0a8:1";
  const outside =
    "9.255.255.255 11.0.0.0 172.15.255.255 172.32.0.0 192.167.255.255 192.169.0.0 169.253.0.1 fec0::1 fb00::1 2001:db8::1 ::ffff:8.8.8.8";
  for (const address of inside.split(" ")) assert.equal(isPrivateAddress(address), true, address);
  for (const address of outside.split(" ")) assert.equal(isPrivateAddress(address), false, address);
});

test("isCloudMetadata() knows where clouds tell a machine of itself, and no such address is private", () => {
  const addresses =
    "169.254.169.254 169.254.170.2 ::ffff:169.254.169.254 [fd00:ec2::254] fd00:ec2::23 fd20:ce::254";
  for (const host of addresses.split(" ")) {
    assert.deepEqual([host, isCloudMetadata(host), isPrivateAddress(host)], [host, true, false]);
  }
  for (const host of [
    "metadata.google.internal",
    "metadata",
    "instance-data",
    "instance-data.ec2.internal",
  ]) {
    assert.equal(isCloudMetadata(host), true, host);
  }
  for (const host of [
    "169.253.0.1",
    "fd00::1",
    "fd20:cd::1",
    "metadata.orders.internal",
    "metadata-store",
    "",
  ]) {
    assert.equal(isCloudMetadata(host), false, host);
  }
});

test("a name, a port and a number are no address", () => {
  for (const text of [
    "localhost",
    "127.0.0.1.example.org",
    "127.0.0.1:80",
    "127.1",
    "2130706433",
    "0x7f000001",
    "[127.0.0.1",
    "10.0.evil.com",
    "::ffff:127.0.0.1.evil.com",
    "",
    "%",
    "[]",
  ]) {
    assert.deepEqual([text, isLoopbackAddress(text), isPrivateAddress(text)], [text, false, false]);
  }
});

test("isLoopbackAddress() and isPrivateAddress() are false for any other text and never throw", () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      assert.equal(typeof isLoopbackAddress(text), "boolean");
      assert.equal(typeof isPrivateAddress(text), "boolean");
    }),
  );
  fc.assert(fc.property(fc.ipV4(), (address) => isLoopbackAddress(address) === address.startsWith("127.")));
  fc.assert(
    fc.property(fc.ipV4(), (address) => isPrivateAddress(address) === isPrivateAddress(`::ffff:${address}`)),
  );
});
