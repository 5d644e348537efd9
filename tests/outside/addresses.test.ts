import { describe, expect, it } from 'vitest';
import { isListed, isPublicAddress } from '../../src/outside/addresses.ts';

describe('an address', () => {
  it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
    '%s is public',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fc00::1',
    'fd12:3456::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::127.0.0.1',
    'fe80::1%lo',
    'fec0::1',
    'ff02::1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::a00:1',
    '2001:0:7f00:1::',
    '2002:7f00:1::',
    '2001:db8::1',
    'localhost',
    '',
  ])('%s is not', (address) => expect(isPublicAddress(address)).toBe(false));
});

it('a list names hosts, all below one, or any', () => {
  expect(isListed('api.example.com', ['api.example.com'])).toBe(true);
  expect(isListed('api.example.com', ['*.example.com'])).toBe(true);
  expect(isListed('example.com', ['*.example.com'])).toBe(false);
  expect(isListed('evilexample.com', ['*.example.com'])).toBe(false);
  expect(isListed('anything', ['*'])).toBe(true);
  expect(isListed('anything', [])).toBe(false);
});
