import assert from 'node:assert/strict';
import test from 'node:test';
import { normaliseFunction } from '../../report/normalise-function.ts';

const CASES: readonly (readonly [name: string, normal: string])[] = [
  ['main', 'main'],
  // C: clones, versions, variants by processor
  ['parse.isra.0', 'parse'],
  ['parse.part.1.cold', 'parse'],
  ['parse.constprop.0.isra.2', 'parse'],
  ['parse [clone .cold]', 'parse'],
  ['raise@@GLIBC_2.2.5', 'raise'],
  ['__GI_raise', 'raise'],
  ['__memcpy_avx_unaligned_erms', 'memcpy'],
  ['__strlen_evex', 'strlen'],
  ['__memset_sse2_unaligned', 'memset'],
  ['__wcsnlen_avx2', 'wcsnlen'],
  ['my_memcpy_fast', 'my_memcpy_fast'],
  // C++
  ['ns::Widget::draw(int, char const*) const', 'ns::Widget::draw'],
  ['void ns::apply<int, std::vector<int> >(int&&)', 'ns::apply'],
  ['std::vector<int, std::allocator<int> >::push_back(int const&)', 'std::vector::push_back'],
  ['std::__cxx11::basic_string<char>::~basic_string()', 'std::__cxx11::basic_string::~basic_string'],
  ['(anonymous namespace)::helper(int)', '(anonymous namespace)::helper'],
  ['void (anonymous namespace)::helper<int>(int)', '(anonymous namespace)::helper'],
  ['main::{lambda(int)#1}::operator()(int) const', 'main::{lambda#1}::operator()'],
  ['operator<<(std::ostream&, Foo const&)', 'operator<<'],
  ['bool operator< <int>(Foo<int> const&, Foo<int> const&)', 'operator<'],
  ['Foo::operator->() const', 'Foo::operator->'],
  ['Foo<int>::operator bool() const', 'Foo::operator bool'],
  ['operator new[](unsigned long)', 'operator new[]'],
  ['ns::cooperator<int>::run()', 'ns::cooperator::run'],
  ['name[abi:cxx11](int)', 'name'],
  ['outer(int)::local::method()', 'outer::local::method'],
  // Rust, both manglings
  ['app::server::handle::h0123456789abcdef', 'app::server::handle'],
  ['alloc::vec::Vec<T,A>::push', 'alloc::vec::Vec::push'],
  ['<alloc::vec::Vec<i32> as core::ops::Drop>::drop', '<alloc::vec::Vec<i32> as core::ops::Drop>::drop'],
  ['app::main::{{closure}}', 'app::main::{{closure}}'],
  ['app::main::{closure#0}', 'app::main::{closure#0}'],
  ['alloc::vec::Vec::<i32>::push', 'alloc::vec::Vec::push'],
  // Go
  ['main.(*Server).Serve', 'main.(*Server).Serve'],
  ['main.main.func1', 'main.main.func1'],
  ['main.Map[go.shape.int]', 'main.Map'],
  ['runtime.goexit.abi0', 'runtime.goexit'],
  ['github.com/acme/app/store.(*DB).Get', 'github.com/acme/app/store.(*DB).Get'],
];

for (const [name, normal] of CASES) {
  test(`normaliseFunction() makes ${normal} of ${name}`, () => assert.equal(normaliseFunction(name), normal));
}

test('normaliseFunction() gives the same for what it gave, and an end to any name', () => {
  for (const [, normal] of CASES) assert.equal(normaliseFunction(normal), normal);
  for (const name of [
    '<'.repeat(9000),
    '('.repeat(9000),
    'a<b('.repeat(3000),
    `${'x'.repeat(9000)}()`,
    '',
    ')>',
    'operator',
  ]) {
    assert.ok(normaliseFunction(name).length <= 240);
  }
});
