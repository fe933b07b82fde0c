#!/usr/bin/env perl
# MediaWiki::Bot: makes an account, signs in, reads who it is and the log; a second program signs in by the cookie file
# that the first one left in the working directory.
# usage: perl_mediawiki_bot.pl API NAME PASSWORD
use strict;
use warnings;
use JSON;
use MediaWiki::Bot;

my ($api, $name, $password) = @ARGV;
my ($protocol, $host, $path) = $api =~ m{^(https?)://([^/]+)/(.*)/api\.php$};
$SIG{__WARN__} = sub { warn @_ unless "@_" =~ /plain HTTP/ }; # it says so at each sign-in

sub bot {
    return MediaWiki::Bot->new({ agent => 'gatehouse tests', protocol => $protocol, host => $host, path => $path, @_ })
        || die "the bot did not sign in\n";
}

# It has no method for new accounts: the client under it makes them.
sub create {
    my $client = shift->{api};
    my $answer = $client->edit({
        action   => 'createaccount',
        username => $name, password => $password, retype => $password, createreturnurl => 'https://example.org/',
    }) or die "$client->{error}{code}: $client->{error}{details}\n";
    return $answer->{createaccount};
}
my $visitor = bot();
my $made    = create($visitor);
my $again   = create($visitor);

my $bot    = bot(login_data => { username => $made->{username}, password => $password });
my @cookie = glob '.mediawiki-bot-*-cookies';
my $second = bot(login_data => { username => $made->{username} }); # no password: the cookies have to do
my $me     = $second->{api}->api({ action => 'query', meta => 'userinfo' });

my $entries = $bot->get_log({ type => 'newusers', user => $made->{username}, target => "User:$made->{username}" });
my $entry   = $entries->[0];
my %spaces  = $bot->get_namespace_names();

print JSON->new->canonical->encode({
    made => $made->{username}, again => $again->{messagecode}, cookieFiles => scalar @cookie,
    me => $me->{query}{userinfo}{name}, log => "$entry->{action} $entry->{title} by $entry->{user}",
    groups => [ sort $bot->usergroups($made->{username}) ], userNamespace => $spaces{2},
    version => $bot->get_mw_version()->{major},
}), "\n";
