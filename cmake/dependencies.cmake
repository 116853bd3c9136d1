# Libraries from Debian 12; scripts/install-deps installs them all.
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(tl-expected REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(idn2 REQUIRED IMPORTED_TARGET libidn2)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
# By path: its pkg-config file asks for libevent's, which nothing here needs.
find_library(POSTSEAL_UNBOUND unbound REQUIRED)
pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)
find_package(CLI11 2.1 REQUIRED)
find_package(doctest REQUIRED)

# Asio's own code is compiled once, in the task room.
add_library(postseal_asio INTERFACE)
target_compile_definitions(postseal_asio INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(postseal_asio INTERFACE Boost::headers Threads::Threads)
add_library(postseal_json INTERFACE)
target_link_libraries(postseal_json INTERFACE Boost::headers boost_json)

# What each room links beside other rooms.
set(base_libraries tl::expected fmt::fmt PkgConfig::idn2)
set(record_libraries postseal_json)
set(directory_libraries OpenSSL::Crypto)
set(tls_libraries OpenSSL::SSL OpenSSL::Crypto)
set(log_libraries Threads::Threads)
set(task_libraries postseal_asio)
set(store_libraries PkgConfig::sqlite3)
set(net_libraries ${POSTSEAL_UNBOUND})
set(config_libraries PkgConfig::tomlplusplus)
set(cli_libraries CLI11::CLI11)
