#!/usr/bin/env perl
# MediaWiki::API: makes an account, is refused the name a second time, signs in, reads who it is and the log, in the
# continuation of old. It fetches the tokens by itself.
# usage: perl_mediawiki_api.pl API NAME PASSWORD
use strict;
use warnings;
use JSON;
use MediaWiki::API;

my ($api, $name, $password) = @ARGV;
my $wiki = MediaWiki::API->new({ api_url => $api });
my $failed = sub { die "$wiki->{error}{code}: $wiki->{error}{details}\n" };

sub create {
    my $answer = $wiki->edit({
        action   => 'createaccount',
        username => $name, password => $password, retype => $password, createreturnurl => 'https://example.org/',
    }) or $failed->();
    return $answer->{createaccount};
}
my $made  = create();
my $again = create();

my $wrong = $wiki->login({ lgname => $made->{username}, lgpassword => 'not this one' }) ? '' : $wiki->{error}{details};
my $login = $wiki->login({ lgname => $made->{username}, lgpassword => $password }) or $failed->();
my $me    = $wiki->api({ action => 'query', meta => 'userinfo' }) or $failed->();

# One entry a page, so that list() has to go on by query-continue.
my $entries = $wiki->list({ action => 'query', list => 'logevents', letype => 'newusers', lelimit => 1 }) or $failed->();
my ($entry) = grep { $_->{title} eq "User:$made->{username}" } @$entries;

my $refused = $wiki->api({ action => 'query', assert => 'bot' }) ? '' : $wiki->{error}{details};
$refused =~ s/:.*//s; # the code stands before the words

print JSON->new->canonical->encode({
    made => $made->{username}, again => $again->{messagecode}, wrong => $wrong, signedIn => $login->{lgusername},
    me => $me->{query}{userinfo}{name}, log => "$entry->{action} $entry->{title} by $entry->{user}",
    continued => @$entries > 1 ? JSON::true : JSON::false, refused => $refused,
}), "\n";
