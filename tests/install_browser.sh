#!/usr/bin/env bash
# Puts a Chromium and Chinese fonts on a Debian machine where we may (root); `make test` calls it.
# Never fails: what could not be had is said here, and by the tests that need it.
set -uo pipefail

have_browser() {
    local name
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" >/dev/null && return 0
    done
    return 1
}

have_fonts() {
    command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh-cn family 2>/dev/null | head -n 1)" ]
}

wanted=()
have_browser || wanted+=(chromium)
have_fonts || wanted+=(fontconfig fonts-noto-cjk)
[ ${#wanted[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "安装浏览器测试所需的系统软件包：${wanted[*]} ……"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null
fi

have_browser || echo "警告：没有 Chromium，浏览器测试将无法运行。请安装 chromium 或 google-chrome。" >&2
have_fonts || echo "警告：没有中文字体，浏览器测试的截图会缺字。请安装 fonts-noto-cjk。" >&2
exit 0
